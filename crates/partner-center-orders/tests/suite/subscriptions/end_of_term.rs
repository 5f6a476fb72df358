//! What happens at the end of a term, and the choice.

use partner_center_orders::{EndOfTerm, ErrorKind, TermOutcome, UnknownOutcome};
use serde_json::{Value, json};

use super::{echoing, subscription, subscriptions, with, written};

fn outcome(members: &[(&str, Value)]) -> TermOutcome {
    let value = members.iter().fold(subscription(), |value, (name, member)| with(value, name, member.clone()));
    EndOfTerm::of(&serde_json::from_value(value).unwrap()).outcome
}

#[test]
fn a_subscription_shows_what_happens_at_its_end() {
    use TermOutcome::{Ends, ExtendedServiceTerm, Over, Renews, Unknown};
    let off = ("autoRenewEnabled", json!(false));
    let until = |text: &str| ("commitmentEndDateTime", json!(text));
    for (members, expected) in [
        (vec![], Renews),
        (vec![off.clone()], ExtendedServiceTerm),
        (vec![off.clone(), until("2026-05-05T00:00:00Z")], ExtendedServiceTerm),
        (vec![off.clone(), until("2026-05-04T23:59:59Z")], Unknown(UnknownOutcome::End)),
        (vec![off.clone(), until("2026-05-04T00:00:00Z")], Unknown(UnknownOutcome::End)),
        (vec![off.clone(), until("2026-05-03T23:59:59Z")], Ends),
        (vec![off.clone(), until("soon")], Unknown(UnknownOutcome::End)),
        (vec![off.clone(), ("commitmentEndDateTime", Value::Null)], Unknown(UnknownOutcome::End)),
        (vec![off.clone(), ("isTrial", json!(true))], Unknown(UnknownOutcome::Trial)),
        (vec![off.clone(), ("productType", Value::Null)], Unknown(UnknownOutcome::NotNewCommerce)),
        (vec![off.clone(), ("productType", json!({ "id": "Software" }))], Unknown(UnknownOutcome::NotNewCommerce)),
        (vec![("productType", Value::Null)], Renews),
        (vec![("autoRenewEnabled", Value::Null)], Unknown(UnknownOutcome::RenewalNotShown)),
        (vec![off, ("scheduledActions", json!([]))], Unknown(UnknownOutcome::ScheduledActions)),
        (vec![("scheduledActions", json!({ "actionType": "x" }))], Unknown(UnknownOutcome::ScheduledActions)),
        (vec![("status", json!("suspended"))], Unknown(UnknownOutcome::Status)),
        (vec![("status", json!("novel"))], Unknown(UnknownOutcome::Status)),
        (vec![("status", json!("deleted"))], Over),
        (vec![("status", json!("expired"))], Over),
    ] {
        assert_eq!(outcome(&members), expected, "{members:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_is_read_with_the_change_that_follows() {
    let day = with(subscription(), "commitmentEndDate", json!("2026-12-31T00:00:00Z"));
    let service = echoing(with(day.clone(), "scheduledNextTermInstructions", json!({ "quantity": 18 })));
    let end = subscriptions(&service).end_of_term("s-1").get().await.unwrap();
    assert_eq!(end.ends.as_ref().unwrap().as_str(), "2026-12-31T23:59:59Z");
    assert_eq!((end.is_last_day, end.next_term.as_ref().unwrap().quantity), (false, Some(18)));

    let service = echoing(with(day, "commitmentEndDateTime", Value::Null));
    let end = subscriptions(&service).end_of_term("s-1").get().await.unwrap();
    assert_eq!((end.ends.as_ref().unwrap().as_str(), end.is_last_day), ("2026-12-31T00:00:00Z", true));
}

#[tokio::test(start_paused = true)]
async fn a_choice_changes_what_it_says_and_nothing_else() {
    let off = with(subscription(), "autoRenewEnabled", json!(false));
    let service = echoing(off.clone());
    subscriptions(&service).end_of_term("s-1").renew().await.unwrap();
    assert_eq!(written(&service), [subscription()]);

    let service = echoing(subscription());
    subscriptions(&service).end_of_term("s-1").extend().await.unwrap();
    subscriptions(&service).end_of_term("s-1").cancel_with(json!([{ "actionType": "x" }])).await.unwrap();
    assert_eq!(written(&service), [off.clone(), with(off, "scheduledActions", json!([{ "actionType": "x" }]))]);
}

#[tokio::test(start_paused = true)]
async fn no_choice_is_made_against_what_is_unknown() {
    let actions = with(subscription(), "scheduledActions", json!({ "actionType": "x" }));
    for read in [actions.clone(), with(subscription(), "productType", json!({ "id": "Software" }))] {
        let service = echoing(read);
        let error = subscriptions(&service).end_of_term("s-1").extend().await.unwrap_err();
        assert_eq!((error.kind(), written(&service).len()), (ErrorKind::InvalidRequest, 0), "{error}");
    }
    let service = echoing(actions);
    let error = subscriptions(&service).end_of_term("s-1").renew().await.unwrap_err();
    assert_eq!((error.kind(), written(&service).len()), (ErrorKind::InvalidRequest, 0), "{error}");
}
