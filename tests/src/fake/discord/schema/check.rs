//! The judge: a validator for each schema, made when it is first needed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ValidationError, Validator};
use serde_json::{Value, json};

use super::super::refusal::Problem;
use super::super::spec::Spec;

/// One for each schema, kept while the tests run: to make one takes milliseconds.
static VALIDATORS: Mutex<BTreeMap<String, Arc<Validator>>> = Mutex::new(BTreeMap::new());

/// Everything that is wrong with the body by this schema.
pub(crate) fn check(body: &Value, schema: &Value) -> Vec<Problem> {
    let validator = validator(schema);
    validator.iter_errors(body).flat_map(|error| problems(&error)).collect()
}

fn validator(schema: &Value) -> Arc<Validator> {
    let mut all = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(all.entry(schema.to_string()).or_insert_with(|| {
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        Arc::new(options.build(&alone(schema)).expect("schemas of Discord are schemas"))
    }))
}

/// The schema with all it refers to and nothing else: the whole document would be read anew each time.
fn alone(schema: &Value) -> Value {
    let mut wanted = BTreeSet::new();
    references(schema, &mut wanted);
    let schemas: BTreeMap<&str, &Value> = wanted
        .iter()
        .map(|name| (name.as_str(), &Spec::get().document["components"]["schemas"][name.as_str()]))
        .collect();
    json!({ "allOf": [schema], "components": { "schemas": schemas } })
}

fn references(schema: &Value, wanted: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next())
                && wanted.insert(name.to_owned())
            {
                references(&Spec::get().document["components"]["schemas"][name], wanted);
            }
            fields.values().for_each(|child| references(child, wanted));
        }
        Value::Array(items) => items.iter().for_each(|child| references(child, wanted)),
        _ => {}
    }
}

/// What Discord would say of this error; of a union, what is wrong by the member that was meant.
fn problems(error: &ValidationError<'_>) -> Vec<Problem> {
    if let Kind::AnyOf { context } | Kind::OneOfNotValid { context } = error.kind()
        && let Some(branch) = meant(context)
    {
        return branch.iter().flat_map(|error| problems(error)).collect();
    }
    let mut path: Vec<String> = steps(error.instance_path().as_str());
    if let Kind::Required { property } = error.kind() {
        path.extend(property.as_str().map(str::to_owned));
    }
    vec![Problem { path, code: code(error.kind()), message: error.to_string() }]
}

/// The branch that failed for something else than its type, and latest.
fn meant<'a>(branches: &'a [Vec<ValidationError<'static>>]) -> Option<&'a Vec<ValidationError<'static>>> {
    let depth = |error: &ValidationError<'_>| steps(error.instance_path().as_str()).len();
    let of_another_type = |branch: &&Vec<ValidationError<'static>>| {
        branch.iter().any(|error| {
            let place = error.instance_path().as_str();
            place.ends_with("/type") || matches!(error.kind(), Kind::Type { .. })
        })
    };
    let right: Vec<_> = branches.iter().filter(|branch| !of_another_type(branch)).collect();
    right.into_iter().max_by_key(|branch| branch.iter().map(depth).max())
}

fn steps(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}

fn code(kind: &Kind) -> &'static str {
    match kind {
        Kind::Required { .. } => "BASE_TYPE_REQUIRED",
        Kind::MaxLength { .. } | Kind::MaxItems { .. } => "BASE_TYPE_MAX_LENGTH",
        Kind::MinLength { .. } | Kind::MinItems { .. } => "BASE_TYPE_MIN_LENGTH",
        Kind::Enum { .. } | Kind::Constant { .. } => "BASE_TYPE_CHOICES",
        Kind::Maximum { .. } => "NUMBER_TYPE_MAX",
        Kind::Minimum { .. } => "NUMBER_TYPE_MIN",
        Kind::Pattern { .. } | Kind::Format { .. } => "STRING_TYPE_REGEX",
        Kind::UniqueItems => "SET_TYPE_ALREADY_CONTAINS_VALUE",
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => "UNION_TYPE_CHOICES",
        _ => "BASE_TYPE_BAD_TYPE",
    }
}
