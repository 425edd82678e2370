//! REST: from a request to its answer.

mod channels;
mod commands;
mod draft;
mod gate;
mod guilds;
mod interactions;
mod messages;
mod overwrites;
mod pins;
mod reactions;
mod threads;
mod webhooks;

use hyper::HeaderMap;
use hyper::body::Bytes;
use serde_json::Value;

use super::answer::Answer;
use super::call::Call;
use super::multipart;
use super::refusal::Refusal;
use super::rules;
use super::schema;
use super::world::World;

pub(crate) use gate::answer;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Reads and judges the body, then does what is asked.
fn work(world: &mut World, mut call: Call, request: &Incoming) -> Result<Answer, Refusal> {
    read_body(&mut call, request)?;
    judge(world, &mut call)?;
    operate(world, &call)
}

fn read_body(call: &mut Call, request: &Incoming) -> Result<(), Refusal> {
    let kind = super::call::header(&request.headers, "content-type").unwrap_or_default();
    if request.body.is_empty() {
        return match call.operation.body {
            Some(_) => Err(Refusal::no_json().blamed("a body was left out")),
            None => Ok(()),
        };
    }
    if call.operation.body.is_none() && request.body.as_ref() != b"{}" {
        return Err(Refusal::no_json().blamed("a body where none belongs"));
    }
    if kind.starts_with("multipart/form-data") {
        let form = multipart::read(&kind, &request.body).map_err(|why| Refusal::no_json().blamed(why))?;
        (call.body, call.files) = (form.payload, form.files);
    } else if kind.starts_with("application/json") {
        call.body = serde_json::from_slice(&request.body)
            .map_err(|error| Refusal::no_json().blamed(format!("a body that is no JSON: {error}")))?;
    } else {
        return Err(Refusal::no_json().blamed(format!("a body of type {kind:?}")));
    }
    Ok(())
}

/// Holds the body against the schema, and against what the schema leaves out.
fn judge(world: &World, call: &mut Call) -> Result<(), Refusal> {
    let Some(whole) = &call.operation.body else { return rules::check(call) };
    let schema = schema_of(world, call, whole);
    let mut problems = schema::tidy(&mut call.body, &schema);
    problems.extend(schema::check(&call.body, &schema));
    if problems.is_empty() {
        return rules::check(call);
    }
    let told: Vec<String> = problems.iter().map(super::refusal::Problem::told).collect();
    Err(Refusal::form(&problems).blamed(told.join("; ")))
}

/// The member of the route's union that is meant: by the kind of channel, or by the body's `type`.
fn schema_of(world: &World, call: &Call, whole: &Value) -> Value {
    let named = |name: &str| serde_json::json!({ "$ref": format!("#/components/schemas/{name}") });
    let channel = world.guild.channels.get(&call.id("channel_id"));
    match call.operation.id.as_str() {
        "update_channel" if channel.is_some_and(|one| one.thread.is_some()) => {
            named("UpdateThreadRequestPartial")
        }
        "update_channel" => named("UpdateGuildChannelRequestPartial"),
        "create_thread" if channel.is_some_and(|one| one.kind == super::world::channel::FORUM) => {
            named("CreateForumThreadRequest")
        }
        "create_thread" => named("CreateTextThreadWithoutMessageRequest"),
        "execute_webhook" => named("IncomingWebhookRequestPartial"),
        _ => {
            let branches = whole["anyOf"].as_array().into_iter().flatten();
            let mut fitting = branches.filter(|branch| schema::may_be(branch, &call.body));
            fitting.next().cloned().unwrap_or_else(|| whole.clone())
        }
    }
}

fn operate(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    match call.operation.id.as_str() {
        "get_gateway" => Ok(guilds::gateway(world)),
        "get_bot_gateway" => Ok(guilds::bot_gateway(world)),
        "get_my_user" => Ok(guilds::me(world)),
        "get_my_application" => Ok(guilds::application(world)),
        "get_guild" => guilds::guild(world, call),
        "list_guild_roles" => guilds::roles(world, call),
        "get_guild_member" => guilds::member(world, call),
        "get_active_guild_threads" => guilds::threads(world, call),
        "list_guild_channels" => channels::list(world, call),
        "create_guild_channel" => channels::create(world, call),
        "get_channel" => channels::get(world, call),
        "update_channel" => channels::update(world, call),
        "delete_channel" => channels::delete(world, call),
        "trigger_typing_indicator" => channels::typing(world, call),
        "set_channel_permission_overwrite" => overwrites::set(world, call),
        "delete_channel_permission_overwrite" => overwrites::delete(world, call),
        "create_message" => messages::create(world, call),
        "list_messages" => messages::list(world, call),
        "get_message" => messages::get(world, call),
        "update_message" => messages::update(world, call),
        "delete_message" => messages::delete(world, call),
        "create_pin" | "deprecated_create_pin" => pins::create(world, call),
        "delete_pin" | "deprecated_delete_pin" => pins::delete(world, call),
        "list_pins" => pins::list(world, call),
        "deprecated_list_pins" => pins::deprecated_list(world, call),
        "add_my_message_reaction" => reactions::add(world, call),
        "delete_my_message_reaction" => reactions::delete(world, call),
        "create_thread_from_message" => threads::under_message(world, call),
        "create_thread" => threads::create(world, call),
        "bulk_set_guild_application_commands" => commands::set(world, call),
        "list_guild_application_commands" => commands::list(world, call),
        "create_interaction_response" => interactions::callback(world, call),
        "get_webhook_by_token" => webhooks::get(world, call),
        "list_channel_webhooks" => webhooks::list(world, call),
        "create_webhook" => webhooks::create(world, call),
        "execute_webhook" => webhooks::execute(world, call),
        "get_original_webhook_message" | "get_webhook_message" => webhooks::get_message(world, call),
        "update_original_webhook_message" | "update_webhook_message" => webhooks::update_message(world, call),
        "delete_original_webhook_message" | "delete_webhook_message" => webhooks::delete_message(world, call),
        other => Err(Refusal::not_found().blamed(format!("{other}, which the double does not play"))),
    }
}
