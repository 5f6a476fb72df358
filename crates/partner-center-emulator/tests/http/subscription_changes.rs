//! PATCH of subscriptions: what changes, what it resets, and its errors.

use partner_center_emulator::{ClosedWindow, ImmediateChange, OmittedMembers, ScheduleWithoutRenewal};
use serde_json::{Value, json};

use crate::support::{LICENCE, MAIL, SAAS, TestServer, changed, ordered, send, stopped};

const DAY: u64 = 24 * 3600;

#[tokio::test]
async fn a_new_commerce_subscription_is_changed_and_cancelled_in_its_window() {
    let server = TestServer::new().await;
    let (_, path) = ordered(&server, MAIL, 3).await;
    assert_eq!(changed(&server, &path, "quantity", json!(5)).await.expect(200)["quantity"], 5);
    assert_eq!(changed(&server, &path, "friendlyName", json!("Ours")).await.expect(200)["friendlyName"], "Ours");
    let deleted = changed(&server, &path, "status", json!("Deleted")).await.expect(200);
    assert_eq!((&deleted["status"], &deleted["autoRenewEnabled"]), (&json!("deleted"), &json!(false)));
    assert_eq!(deleted["refundableQuantity"], json!({"totalQuantity": 0, "details": []}));
    assert_eq!(changed(&server, &path, "quantity", json!(6)).await.status_and_code(), (400, 2011));
    assert_eq!(server.patch(&path, deleted.clone()).await.expect(200), deleted, "sent back, it is no change");
}

#[tokio::test]
async fn the_windows_to_cancel_and_to_give_back_close() {
    let server = TestServer::new().await;
    let (_, path) = ordered(&server, MAIL, 3).await;
    server.pass(8 * DAY);
    let token = server.emulator.user_token(true);
    let change = async |body: Value| {
        send(server.client.patch(server.url(&path)).bearer_auth(&token).json(&body)).await.status_and_code()
    };
    assert_eq!(change(json!({"status": "deleted"})).await, (400, 900_213));
    assert_eq!(change(json!({"quantity": 2})).await, (400, 800_090));
    for (window, cancellation, reduction) in [
        (ClosedWindow::General, 900_117, 800_090),
        (ClosedWindow::Hours, 900_213, 900_214),
        (ClosedWindow::Days, 900_213, 900_257),
    ] {
        server.configure(|settings| {
            settings.closed_cancellation = window;
            settings.closed_reduction = window;
        });
        assert_eq!(change(json!({"status": "deleted"})).await, (400, cancellation));
        assert_eq!(change(json!({"quantity": 2})).await, (400, reduction));
    }
}

#[tokio::test]
async fn each_addition_of_licences_has_a_window_of_its_own() {
    let server = TestServer::with(
        stopped().configure(|settings| settings.token_lifetime = std::time::Duration::from_secs(100 * DAY)),
    )
    .await;
    let (_, path) = ordered(&server, MAIL, 3).await;
    let refundable = |subscription: &Value| {
        let details = subscription["refundableQuantity"]["details"].as_array().unwrap();
        let total = subscription["refundableQuantity"]["totalQuantity"].as_i64().unwrap();
        (total, details.iter().map(|detail| detail["quantity"].as_i64().unwrap()).collect::<Vec<_>>())
    };
    let bought = server.get(&path).await.expect(200);
    assert_eq!(refundable(&bought), (3, vec![3]));
    assert_eq!(
        bought["refundableQuantity"]["details"][0]["allowedUntilDateTime"],
        bought["cancellationAllowedUntilDate"]
    );
    server.pass(5 * DAY);
    assert_eq!(refundable(&changed(&server, &path, "quantity", json!(7)).await.expect(200)), (7, vec![3, 4]));
    // Those whose window ends first are given back first.
    assert_eq!(refundable(&changed(&server, &path, "quantity", json!(5)).await.expect(200)), (5, vec![1, 4]));
    server.pass(5 * DAY);
    assert_eq!(refundable(&server.get(&path).await.expect(200)), (4, vec![4]));
    assert_eq!(changed(&server, &path, "quantity", json!(0)).await.status_and_code(), (400, 2002));
    assert_eq!(refundable(&changed(&server, &path, "quantity", json!(1)).await.expect(200)), (0, vec![]));
    assert_eq!(changed(&server, &path, "quantity", json!(2)).await.expect(200)["quantity"], 2);
    server.pass(8 * DAY);
    assert_eq!(changed(&server, &path, "quantity", json!(1)).await.status_and_code(), (400, 800_090));
}

#[tokio::test]
async fn legacy_and_new_commerce_subscriptions_are_suspended_and_resumed() {
    let server = TestServer::new().await;
    for offer in [LICENCE, MAIL] {
        let (_, path) = ordered(&server, offer, 3).await;
        assert_eq!(changed(&server, &path, "status", json!("suspended")).await.expect(200)["status"], "suspended");
        assert_eq!(changed(&server, &path, "quantity", json!(4)).await.status_and_code(), (400, 2001));
        assert_eq!(changed(&server, &path, "status", json!("active")).await.expect(200)["status"], "active");
        assert_eq!(changed(&server, &path, "status", json!("expired")).await.status_and_code(), (400, 800_040));
    }
    let (_, path) = ordered(&server, SAAS, 3).await;
    assert_eq!(changed(&server, &path, "status", json!("suspended")).await.status_and_code(), (400, 800_040));
}

#[tokio::test]
async fn the_etag_of_a_legacy_subscription_changes_with_it() {
    let server = TestServer::new().await;
    let (_, path) = ordered(&server, LICENCE, 3).await;
    let etag = server.get(&path).await.expect(200)["attributes"]["etag"].clone();
    let suspended = changed(&server, &path, "status", json!("suspended")).await.expect(200);
    assert_ne!(suspended["attributes"]["etag"], etag);
    assert_eq!(changed(&server, &path, "billingCycle", json!("annual")).await.status_and_code(), (400, 2054));
}

/// A change that is scheduled, as a client of the SDK sends it.
fn schedule() -> Value {
    json!({
        "Product": {"ProductId": "CFQ7TTC0LH16", "SkuId": "0001", "AvailabilityId": "CFQ7TTC0K0QX",
            "BillingCycle": "Annual", "TermDuration": "P1Y", "PromotionId": null},
        "Quantity": 2, "CustomTermEndDate": null
    })
}

/// The same as it is returned.
fn scheduled() -> Value {
    json!({
        "product": {"productId": "CFQ7TTC0LH16", "skuId": "0001", "availabilityId": "CFQ7TTC0K0QX",
            "billingCycle": "annual", "termDuration": "P1Y"},
        "quantity": 2
    })
}

/// A new-commerce subscription with a change for the next term and one for the next charge. Returns its path.
async fn with_schedules(server: &TestServer) -> String {
    let (_, path) = ordered(server, MAIL, 3).await;
    let mut read = server.get(&path).await.expect(200);
    read["scheduledNextTermInstructions"] = schedule();
    read["NextChargeInstructions"] = schedule();
    let changed = server.patch(&path, read).await.expect(200);
    assert_eq!(schedules(&changed), (Some(scheduled()), Some(scheduled())));
    path
}

fn schedules(subscription: &Value) -> (Option<Value>, Option<Value>) {
    let of = |member: &str| subscription.get(member).cloned();
    (of("scheduledNextTermInstructions"), of("nextChargeInstructions"))
}

#[tokio::test]
async fn a_subscription_sent_back_changes_nothing() {
    let server = TestServer::new().await;
    for path in [with_schedules(&server).await, ordered(&server, LICENCE, 2).await.1, ordered(&server, SAAS, 2).await.1]
    {
        let read = server.get(&path).await.expect(200);
        let changes = server.count("subscriptionsChanged");
        assert_eq!(server.patch(&path, read.clone()).await.expect(200), read);
        assert_eq!(server.count("subscriptionsChanged"), changes);
    }
}

#[tokio::test]
async fn what_a_patch_leaves_out_is_reset() {
    let server = TestServer::new().await;
    let path = with_schedules(&server).await;
    let partial = server.patch(&path, json!({"friendlyName": "Ours"})).await.expect(200);
    assert_eq!(partial["autoRenewEnabled"], false);
    assert_eq!(schedules(&partial), (None, None));
    assert_eq!((&partial["friendlyName"], &partial["quantity"]), (&json!("Ours"), &json!(3)));
    assert_eq!(server.get(&path).await.expect(200), partial);
}

#[tokio::test]
async fn what_a_patch_leaves_out_can_be_kept_or_all_be_reset() {
    let server = TestServer::unchecked(stopped()).await;
    let path = with_schedules(&server).await;
    server.configure(|settings| settings.omitted_members = OmittedMembers::Kept);
    let kept = server.patch(&path, json!({"scheduledActions": [1]})).await.expect(200);
    assert_eq!(kept["autoRenewEnabled"], true);
    assert_eq!(schedules(&kept), (Some(scheduled()), Some(scheduled())));
    server.configure(|settings| settings.omitted_members = OmittedMembers::AllReset);
    let reset = server.patch(&path, json!({"autoRenewEnabled": true})).await.expect(200);
    assert_eq!((&reset["autoRenewEnabled"], reset.get("scheduledActions")), (&json!(true), None));
    assert_eq!(schedules(&reset), (None, None));
}

#[tokio::test]
async fn an_immediate_change_deletes_what_is_scheduled() {
    let server = TestServer::new().await;
    let path = with_schedules(&server).await;
    let more = changed(&server, &path, "quantity", json!(4)).await.expect(200);
    assert_eq!((schedules(&more), &more["autoRenewEnabled"]), ((None, None), &json!(true)));
    server.configure(|settings| settings.immediate_change = ImmediateChange::KeepsSchedules);
    let path = with_schedules(&server).await;
    let more = changed(&server, &path, "quantity", json!(4)).await.expect(200);
    assert_eq!(schedules(&more), (Some(scheduled()), Some(scheduled())));
}

#[tokio::test]
async fn a_cancellation_deletes_what_is_scheduled() {
    let server = TestServer::new().await;
    let path = with_schedules(&server).await;
    let mut read = server.get(&path).await.expect(200);
    read["status"] = json!("deleted");
    read["autoRenewEnabled"] = json!(false);
    assert_eq!(schedules(&server.patch(&path, read).await.expect(200)), (None, None));
}

#[tokio::test]
async fn a_change_for_the_next_term_needs_auto_renewal() {
    let server = TestServer::new().await;
    let path = with_schedules(&server).await;
    let off = async || changed(&server, &path, "autoRenewEnabled", json!(false)).await;
    assert_eq!(off().await.status_and_code(), (400, 2000));
    let partial = server.patch(&path, json!({"scheduledNextTermInstructions": schedule()})).await;
    assert_eq!(partial.status_and_code(), (400, 2000));
    server.configure(|settings| settings.schedule_without_renewal = ScheduleWithoutRenewal::Accepted);
    assert_eq!(schedules(&off().await.expect(200)), (Some(scheduled()), Some(scheduled())));
    server.configure(|settings| settings.schedule_without_renewal = ScheduleWithoutRenewal::Deleted);
    assert_eq!(schedules(&off().await.expect(200)), (None, Some(scheduled())));
}

#[tokio::test]
async fn malformed_instructions_are_rejected() {
    let server = TestServer::new().await;
    let (_, path) = ordered(&server, MAIL, 3).await;
    for (value, code) in [
        (json!("later"), 2000),
        (json!({"quantity": "2"}), 2000),
        (json!({"product": {"skuId": 1}}), 2000),
        (json!({"customTermEndDate": "later"}), 2000),
        (json!({"product": {"billingCycle": "weekly"}}), 900_126),
        (json!({"product": {"billingCycle": "annual", "termDuration": "P1M"}}), 900_270),
    ] {
        for member in ["scheduledNextTermInstructions", "nextChargeInstructions"] {
            assert_eq!(changed(&server, &path, member, value.clone()).await.status_and_code(), (400, code), "{value}");
        }
    }
}
