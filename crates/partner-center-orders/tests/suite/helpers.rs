//! Waiting, following links, many customers.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use partner_center_orders::identity::secrecy::ExposeSecret;
use partner_center_orders::types::{
    Link, Order, OrderLineItemProvisioningStatus, Subscription, SubscriptionProvisioningStatus,
};
use partner_center_orders::{ActivationLink, CustomerOutcome, ErrorKind, Uuid};
use serde_json::json;

use crate::support::{CUSTOMER, FakeResponse, FakeService, client, fault_json, order_json};

fn statuses(statuses: &[&str]) -> FakeResponse {
    let items: Vec<_> = (0..)
        .zip(statuses)
        .map(|(number, status)| json!({"lineItemNumber": number, "status": status, "quantityProvisioningInformation": []}))
        .collect();
    FakeResponse::json(200, json!({ "items": items }).to_string())
}

#[tokio::test(start_paused = true)]
async fn provisioning_is_waited_for() {
    let mut reads = 0;
    let service = FakeService::new(move |_| {
        reads += 1;
        match reads {
            1 => FakeResponse::json(404, fault_json(800_007)),
            2 => statuses(&["unfulfilled", "Fulfilled"]),
            3 => statuses(&["PrefulfillmentPending", "fulfilled"]),
            _ => statuses(&["Fulfilled", "fulfilled"]),
        }
    });
    let progress = Arc::new(Mutex::new(Vec::new()));
    let reported = Arc::clone(&progress);

    let call = client(&service).customer(CUSTOMER).orders().wait_until_provisioned("o-1");
    let provisioning = call.on_progress(move |lines| reported.lock().unwrap().push(lines.len())).await.unwrap();

    assert!(provisioning.is_complete());
    assert_eq!(provisioning.lines().len(), 2);
    assert_eq!(*progress.lock().unwrap(), [2, 2, 2]);
    let seconds: Vec<_> = service.seen().iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!(seconds, [0, 2, 6, 14]);
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_with_the_deadline_and_returns_what_is_missing() {
    let service = FakeService::new(|_| statuses(&["unfulfilled", "fulfilled"]));

    let call = client(&service).customer(CUSTOMER).orders().wait_until_provisioned("o-1");
    let provisioning = call.deadline(Duration::from_secs(300)).await.unwrap();

    assert!(!provisioning.is_complete());
    assert_eq!(provisioning.pending().map(|line| line.line_item_number).collect::<Vec<_>>(), [0]);
    assert!(service.seen().last().unwrap().at < Duration::from_secs(300));
    assert!(service.seen().len() < 12);
}

#[tokio::test(start_paused = true)]
async fn waiting_that_ends_by_the_rate_limit_or_in_a_read_returns_what_was_read() {
    for (status, retry_after) in [(429, Some("600")), (200, None)] {
        let mut reads = 0;
        let service = FakeService::new(move |_| {
            reads += 1;
            match (reads, retry_after) {
                (1, _) => statuses(&["unfulfilled", "fulfilled"]),
                (_, Some(wait)) => FakeResponse::json(status, "").with("Retry-After", wait),
                (_, None) => FakeResponse::Never,
            }
        });

        let call = client(&service).customer(CUSTOMER).orders().wait_until_provisioned("o-1");
        let provisioning = call.deadline(Duration::from_secs(30)).await.unwrap();

        assert_eq!(provisioning.pending().map(|line| line.line_item_number).collect::<Vec<_>>(), [0]);
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_for_an_order_that_never_shows_ends_with_an_error() {
    let service = FakeService::new(|_| FakeResponse::json(404, fault_json(800_007)));

    let call = client(&service).customer(CUSTOMER).orders().wait_until_provisioned("o-1");
    let error = call.deadline(Duration::from_secs(60)).await.unwrap_err();

    assert!(error.is_timeout() || error.is_not_found(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_rejected_read_ends_waiting() {
    let service = FakeService::script([FakeResponse::json(403, fault_json(900_329))]);

    let error = client(&service).customer(CUSTOMER).orders().wait_until_provisioned("o-1").await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Forbidden);
}

fn link(uri: &str) -> Link {
    serde_json::from_value(json!({"uri": uri, "method": "GET", "headers": []})).unwrap()
}

#[tokio::test(start_paused = true)]
async fn links_are_followed_by_type_in_every_form_they_have() {
    let service = FakeService::new(|seen| {
        let path = seen.url.path();
        if path.ends_with("/activationlinks") {
            let link = json!({"lineItemNumber": 0, "link": {"uri": "https://activate.example/", "method": "GET"}});
            FakeResponse::json(200, json!({ "items": [link] }).to_string())
        } else if path.contains("/subscriptions/") && path.ends_with("/provisioningstatus") {
            FakeResponse::json(200, r#"{"skuId":"x","status":"success","quantity":1}"#)
        } else if path.ends_with("/provisioningstatus") {
            statuses(&["fulfilled"])
        } else if path.contains("/subscriptions/") {
            FakeResponse::json(200, r#"{"id":"s-1","quantity":1,"status":"active"}"#)
        } else {
            FakeResponse::json(200, order_json("o-1"))
        }
    });
    let customer = client(&service).customer(CUSTOMER);
    let order = format!("/customers/{CUSTOMER}/orders/o-1");
    let subscription = format!("/customers/{CUSTOMER}/subscriptions/s-1");

    for uri in [order.clone(), format!("/v1{order}"), format!("{order}/"), format!("https://partner.example/v1{order}")]
    {
        assert_eq!(customer.follow::<Order>(&link(&uri)).await.unwrap().id, "o-1");
    }
    customer.follow::<Subscription>(&link(&subscription)).await.unwrap();
    let lines = customer.follow::<Vec<OrderLineItemProvisioningStatus>>(&link(&format!("{order}/provisioningstatus")));
    assert_eq!(lines.await.unwrap().len(), 1);
    // Some links of lines lack the customer.
    customer.follow::<SubscriptionProvisioningStatus>(&link("/subscriptions/s-1/provisioningstatus")).await.unwrap();
    for uri in [
        format!("{order}/activationlinks"),
        format!("{order}/lineitems/0/activationlinks"),
        format!("{subscription}/activationlinks"),
    ] {
        assert_eq!(customer.follow::<Vec<ActivationLink>>(&link(&uri)).await.unwrap().len(), 1);
    }
    let base = format!("https://partner.example/v1/customers/{CUSTOMER}/");
    assert!(service.seen().iter().all(|seen| seen.url.as_str().starts_with(&base)), "{:?}", service.seen());
}

#[tokio::test(start_paused = true)]
async fn a_link_that_leads_elsewhere_is_not_followed() {
    let service = FakeService::script([]);
    let customer = client(&service).customer(CUSTOMER);

    let product = "/products/DZH318Z0BQ3Q?country=US";
    assert_eq!(customer.follow::<Order>(&link(product)).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
    let mut patch = link(&format!("/customers/{CUSTOMER}/orders/o-1"));
    patch.method = Method::PATCH.to_string();
    assert_eq!(customer.follow::<Order>(&patch).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[tokio::test(start_paused = true)]
async fn many_customers_get_one_result_each_a_few_concurrently() {
    let service = FakeService::new(|seen| {
        let customer = seen.url.path().split('/').nth(3).unwrap().parse::<Uuid>().unwrap().as_u128();
        match customer {
            3 => FakeResponse::json(403, fault_json(20002)),
            5 => FakeResponse::json(400, fault_json(2000)),
            _ => FakeResponse::json(200, order_json("o-1")),
        }
    });
    let partner = client(&service);
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counter, highest) = (Arc::clone(&now), Arc::clone(&most));

    let results = partner
        .for_customers((0..10).map(Uuid::from_u128))
        .concurrency(NonZeroUsize::new(3).unwrap())
        .run(move |customer| {
            let (counter, highest) = (Arc::clone(&counter), Arc::clone(&highest));
            async move {
                highest.fetch_max(counter.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_secs(1)).await;
                let response = customer.orders().get("o-1").await;
                counter.fetch_sub(1, Ordering::SeqCst);
                response.map(|order| order.id.clone())
            }
        })
        .await;

    let ids: Vec<_> = results.iter().map(|result| result.customer_id.as_u128()).collect();
    assert_eq!(ids, (0..10).collect::<Vec<_>>());
    assert_eq!(most.load(Ordering::SeqCst), 3);
    assert!(results[3].is_skipped());
    assert!(matches!(&results[5].outcome, CustomerOutcome::Failed(error) if error.kind() == ErrorKind::Rejected));
    assert_eq!(results.into_iter().filter_map(partner_center_orders::CustomerResult::done).count(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_link_of_the_same_form_to_something_else_is_not_followed() {
    let service = FakeService::script([]);
    let customer = client(&service).customer(CUSTOMER);

    for uri in [format!("/customers/{CUSTOMER}/carts/c-1"), "/customers//orders/o-1".to_owned()] {
        let error = customer.follow::<Order>(&link(&uri)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{uri}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_followed_link_is_rejected_as_a_call_is() {
    for (status, kind) in
        [(302, ErrorKind::UnexpectedStatus), (404, ErrorKind::NotFound), (503, ErrorKind::ServerError)]
    {
        let service = FakeService::new(move |_| FakeResponse::json(status, fault_json(20000)));
        let order = link(&format!("/customers/{CUSTOMER}/orders/o-1"));

        let error = client(&service).customer(CUSTOMER).follow::<Order>(&order).await.unwrap_err();

        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.code().is_some(), status != 302, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_activation_link_holds_its_line_and_its_address() {
    let links = json!([
        {"lineItemNumber": 3, "link": {"uri": "https://activate.example/3", "method": "GET"}},
        {"link": {"uri": "https://activate.example/", "method": "GET"}},
    ]);
    let service = FakeService::script([FakeResponse::json(200, json!({ "items": links }).to_string())]);

    let links = client(&service).customer(CUSTOMER).orders().activation_links("o-1").await.unwrap();

    let found: Vec<_> = links.iter().map(|link| (link.line_item_number(), link.address().expose_secret())).collect();
    assert_eq!(found, [(Some(3), "https://activate.example/3"), (None, "https://activate.example/")]);
}
