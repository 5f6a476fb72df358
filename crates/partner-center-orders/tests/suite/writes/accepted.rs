//! Changes of subscriptions that the service accepts and makes later.

use std::time::Duration;

use http::Method;
use partner_center_orders::types::{Subscription, SubscriptionPatch};
use partner_center_orders::{AcceptedChange, ErrorKind, Response, StatusCode, Success};
use serde_json::{Value, json};

use super::{sent_minutes_ago, subscription};
use crate::support::{CUSTOMER, FakeResponse, FakeService, RecordedRequest, client, fault_json};

type Changed = Response<Success<Subscription, AcceptedChange>>;

fn location() -> String {
    format!("/customers/{CUSTOMER}/subscriptions/s-1")
}

fn accepted(location: &str) -> FakeResponse {
    FakeResponse::json(202, "").with("Location", location)
}

fn quantity(number: i32) -> SubscriptionPatch {
    let mut patch = subscription("active");
    patch["quantity"] = json!(number);
    serde_json::from_value(patch).unwrap()
}

fn with_quantity(number: i32) -> FakeResponse {
    let mut found = subscription("active");
    found["quantity"] = json!(number);
    FakeResponse::json(200, found.to_string())
}

/// A service that accepts a change of the quantity to 7, with this location, and shows it in the read of that number.
fn changing(location: &str, read_that_shows: usize) -> FakeService {
    let location = location.to_owned();
    let mut reads = 0;
    FakeService::new(move |seen| {
        if seen.method == Method::PATCH {
            return accepted(&location);
        }
        reads += 1;
        with_quantity(if reads < read_that_shows { 3 } else { 7 })
    })
}

async fn change(service: &FakeService) -> AcceptedChange {
    let changed = client(service).customer(CUSTOMER).subscriptions().update("s-1", quantity(7)).await.unwrap();
    changed.into_inner().accepted().unwrap()
}

async fn wait(service: &FakeService, accepted: &AcceptedChange) -> Changed {
    client(service).customer(CUSTOMER).subscriptions().wait_until_changed(accepted).await.unwrap()
}

fn paths(seen: &[RecordedRequest]) -> Vec<String> {
    seen.iter().map(RecordedRequest::path).collect()
}

#[tokio::test(start_paused = true)]
async fn an_accepted_change_says_so_and_keeps_location_and_body() {
    let body = subscription("active").to_string();
    let response = FakeResponse::json(202, body.clone()).with("Location", &location());
    let service = FakeService::script([response]);

    let changed = client(&service).customer(CUSTOMER).subscriptions().update("s-1", quantity(7)).await.unwrap();

    assert_eq!((Response::status(&changed), changed.attempts()), (StatusCode::ACCEPTED, 1));
    let Success::Accepted(accepted) = changed.into_inner() else { panic!("not accepted") };
    assert_eq!((accepted.location(), accepted.subscription_id()), (Some(location().as_str()), "s-1"));
    assert_eq!(accepted.raw_body(), body.as_bytes());
    assert_eq!(accepted.subscription().unwrap().quantity, 3);
    assert_eq!(accepted.patch(), &quantity(7));
}

#[tokio::test(start_paused = true)]
async fn helpers_say_it_too() {
    let read_and_accept =
        || FakeService::script([FakeResponse::json(200, subscription("active").to_string()), accepted(&location())]);
    for helper in 0..3 {
        let service = read_and_accept();
        let subscriptions = client(&service).customer(CUSTOMER).subscriptions();
        let call = match helper {
            0 => subscriptions.change("s-1", |patch| patch.quantity = Some(7)),
            1 => subscriptions.cancel("s-1"),
            _ => subscriptions.suspend("s-1"),
        };
        assert!(!call.await.unwrap().is_done(), "{helper}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_location_is_read_until_the_subscription_shows_the_change() {
    let other = format!("{}?view=1", location());
    let service = changing(&other, 3);
    let accepted = change(&service).await;
    service.clear();

    let changed = wait(&service, &accepted).await;

    assert_eq!(changed.into_inner().done().unwrap().quantity, 7);
    let seen = service.seen();
    assert!(seen.iter().all(|seen| seen.url.query() == Some("view=1")), "{:?}", paths(&seen));
    let seconds: Vec<_> = seen.iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!(seconds, [0, 2, 6]);
}

#[tokio::test(start_paused = true)]
async fn a_location_elsewhere_is_never_read() {
    for elsewhere in [
        "https://elsewhere.example/v1/customers/c/subscriptions/s-1",
        "//elsewhere.example/v1",
        "https://partner.example.evil.example/v1/x",
        "https://partner.example/v2/x",
        "https://partner.example@elsewhere.example/v1/x",
        "relative",
        "",
    ] {
        let service = changing(elsewhere, 2);
        let accepted = change(&service).await;
        service.clear();

        assert!(wait(&service, &accepted).await.is_done(), "{elsewhere}");

        for seen in service.seen() {
            assert_eq!((seen.url.host_str(), seen.path()), (Some("partner.example"), location()), "{elsewhere}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_location_of_something_else_gives_way_to_the_subscription() {
    let other = |body: Value| FakeResponse::json(200, body.to_string());
    for (status, body) in
        [(202, json!(null)), (200, json!({ "operation": "running" })), (404, json!({ "code": 1 })), (200, json!([]))]
    {
        let mut responses = vec![accepted("/operations/7"), FakeResponse::json(status, body.to_string())];
        if status == 202 {
            responses[1] = FakeResponse::json(202, "");
        }
        responses.push(with_quantity(7));
        let service = FakeService::script(responses);
        let accepted = change(&service).await;

        assert!(wait(&service, &accepted).await.is_done(), "{status} {body}");

        assert_eq!(paths(&service.seen())[1..], ["/operations/7".to_owned(), location()]);
    }
    // Another subscription's state says nothing.
    let mut foreign = subscription("active");
    (foreign["id"], foreign["quantity"]) = (json!("s-2"), json!(7));
    let service = FakeService::script([accepted("/subscriptions/s-2"), other(foreign), with_quantity(7)]);
    let accepted = change(&service).await;
    assert_eq!(wait(&service, &accepted).await.into_inner().done().unwrap().id, "s-1");
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_with_the_deadline_and_can_go_on() {
    let service = changing(&location(), 12);
    let accepted = change(&service).await;
    let subscriptions = client(&service).customer(CUSTOMER).subscriptions();

    let waited = subscriptions.wait_until_changed(&accepted).deadline(Duration::from_secs(300)).await.unwrap();

    let Success::Accepted(again) = &*waited else { panic!("done too early") };
    assert_eq!(again, &accepted);
    assert!(wait(&service, again).await.is_done());
}

#[tokio::test(start_paused = true)]
async fn a_rejected_read_ends_waiting() {
    let service = FakeService::script([accepted(""), FakeResponse::json(403, fault_json(900_329))]);
    let accepted = change(&service).await;

    let call = client(&service).customer(CUSTOMER).subscriptions().wait_until_changed(&accepted);

    assert_eq!(call.await.unwrap_err().kind(), ErrorKind::Forbidden);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_takes_something_away_is_done_once_it_is_gone() {
    let scheduled = |is_there: bool| {
        let mut found = subscription("active");
        if is_there {
            found["scheduledNextTermInstructions"] = json!({ "product": {}, "quantity": 5 });
        }
        FakeResponse::json(200, found.to_string())
    };
    let service = FakeService::script([accepted(&location()), scheduled(true), scheduled(false)]);
    let patch = serde_json::from_value(subscription("active")).unwrap();
    let subscriptions = client(&service).customer(CUSTOMER).subscriptions();
    let accepted = subscriptions.update("s-1", patch).await.unwrap().into_inner().accepted().unwrap();

    assert!(subscriptions.wait_until_changed(&accepted).await.unwrap().is_done());
}

#[tokio::test(start_paused = true)]
async fn a_202_is_a_final_response_that_is_not_sent_again() {
    let service = FakeService::script([FakeResponse::json(503, ""), accepted(&location())]);

    let changed = client(&service).customer(CUSTOMER).subscriptions().update("s-1", quantity(7)).await.unwrap();

    assert_eq!((changed.is_done(), changed.attempts()), (false, 2));
}

#[tokio::test(start_paused = true)]
async fn a_resumed_change_that_shows_is_done() {
    let service = FakeService::script([with_quantity(7)]);
    let subscriptions = client(&service).customer(CUSTOMER).subscriptions();

    let changed = subscriptions.update("s-1", quantity(7)).resume(sent_minutes_ago(60)).await.unwrap();

    assert_eq!(changed.into_inner().done().unwrap().quantity, 7);
}
