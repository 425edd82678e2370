//! What somebody is told who may not: who could, by name and by the mention of a role, which calls nobody.

use super::*;

/// The person of this account gives it, in this language; it cancels the open incident.
fn cancel(id: u64, user: u64, locale: &str) -> Value {
    let options = json!([
        { "name": "reason", "type": 3, "value": "no" }, { "name": "incident", "type": 3, "value": "INC-0001" }
    ]);
    sent(id, user, &[], locale, 2, command("incident", "cancel", options))
}

fn content(body: &Value) -> &str {
    body["content"].as_str().unwrap()
}

#[tokio::test]
async fn who_may_not_hears_of_the_people_and_the_roles_that_may_and_no_phone_sounds() {
    let hall = Hall::new(healthy(), discord());
    let door = door(&hall);
    does(&hall, &door, declare(701, 200, &[]), false).await;
    does(&hall, &door, cancel(702, 201, "en-US"), false).await;
    does(&hall, &door, cancel(703, 201, "zh-CN"), false).await;
    let told = hall.rest.bodies(EDIT);
    assert!(
        content(&told[1]).contains("Who could: Mei or whoever has the Discord role <@&302>"),
        "{told:#?}"
    );
    assert!(content(&told[2]).contains("Mei或拥有 Discord 角色 <@&302> 的任何人"), "{told:#?}");
    for body in &told {
        assert_eq!(
            body["allowed_mentions"],
            json!({ "parse": [], "roles": [], "users": [] }),
            "nobody is called"
        );
    }
}

#[tokio::test]
async fn a_button_that_opens_a_form_is_refused_with_the_same_words() {
    let hall = Hall::new(healthy(), discord());
    let data = json!({ "custom_id": "v1:incident cancel INC-0001", "component_type": 2, "id": 2 });
    does(&hall, &door(&hall), sent(701, 201, &[], "en-US", 3, data), false).await;
    let answer = &hall.rest.bodies(&callback(701))[0];
    assert!(content(&answer["data"]).contains("whoever has the Discord role <@&302>"), "{answer}");
    assert_eq!(answer["data"]["allowed_mentions"]["parse"], json!([]));
}

#[tokio::test]
async fn a_stranger_hears_of_the_roles_that_would_do() {
    let hall = Hall::new(healthy(), discord());
    does(&hall, &door(&hall), declare(701, 999, &[]), false).await;
    let told = hall.rest.bodies(EDIT);
    let roles = "or be given the Discord role <@&300> or Discord role <@&302>";
    assert!(content(&told[0]).contains(roles), "by mention, though one has a name: {told:#?}");
}

#[tokio::test]
async fn who_has_the_role_may() {
    let hall = Hall::new(healthy(), discord());
    let door = door(&hall);
    does(&hall, &door, declare(701, 200, &[]), false).await;
    let mut by_role = cancel(702, 201, "en-US");
    by_role["member"]["roles"] = json!(["302"]);
    does(&hall, &door, by_role, false).await;
    let told = hall.rest.bodies(EDIT);
    assert!(content(&told[1]).contains("INC-0001") && !content(&told[1]).contains("Refused"), "{told:#?}");
}
