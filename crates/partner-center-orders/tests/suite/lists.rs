//! Lists, whole and element by element.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::{HeaderMap, StatusCode};
use partner_center_orders::enums::BillingCycle;
use partner_center_orders::types::{Link, Order};
use partner_center_orders::{Error, ErrorKind, ListStream, PartnerCenter, StaticToken};

use crate::support::{CUSTOMER, FakeResponse, FakeService, RecordedRequest, client, fault_json, order_json, settings};

/// A list of orders with these elements and this link to the next part.
fn list_json(items: &[String], next: Option<&str>) -> String {
    let links = next.map_or(String::new(), |next| format!(r#","links":{{"next":{next}}}"#));
    let (count, items) = (items.len(), items.join(","));
    format!(r#"{{"totalCount":{count},"items":[{items}]{links},"attributes":{{"objectType":"Collection"}}}}"#)
}

fn streamed(chunks: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static) -> FakeResponse {
    FakeResponse::Response(StatusCode::OK, HeaderMap::new(), reqwest::Body::wrap_stream(chunks))
}

fn reset() -> std::io::Error {
    std::io::ErrorKind::ConnectionReset.into()
}

fn orders(service: &FakeService) -> ListStream<Order> {
    client(service).customer(CUSTOMER).orders().list().stream()
}

/// The items of the stream: ids, or errors.
async fn all(mut orders: ListStream<Order>) -> Vec<Result<String, Error>> {
    let mut found = Vec::new();
    while let Some(order) = orders.next().await {
        found.push(order.map(|order| order.id));
    }
    found
}

fn ids(found: &[Result<String, Error>]) -> Vec<&str> {
    found.iter().map(|id| id.as_deref().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn elements_come_before_the_list_has_ended() {
    let first = format!("{{\"items\":[{},", order_json("a"));
    let service =
        FakeService::new(move |_| streamed(stream::iter([Ok(Bytes::from(first.clone()))]).chain(stream::pending())));
    let mut orders = orders(&service);

    assert_eq!(orders.next().await.unwrap().unwrap().id, "a");

    let error = orders.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.element_index()), (ErrorKind::Timeout, Some(1)));
    assert!(orders.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_falls_silent_ends_after_the_time_of_an_attempt() {
    let first = format!("{{\"items\":[{},", order_json("a"));
    let service =
        FakeService::new(move |_| streamed(stream::iter([Ok(Bytes::from(first.clone()))]).chain(stream::pending())));
    let partner = settings(&service).credential(StaticToken::new("t")).attempt_timeout(Duration::from_secs(7));
    let mut orders = partner.build().unwrap().customer(CUSTOMER).orders().list().stream();
    orders.next().await.unwrap().unwrap();
    let silent_since = tokio::time::Instant::now();

    assert!(orders.next().await.unwrap().unwrap_err().is_timeout());

    assert_eq!(silent_since.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_a_stream() {
    let service = FakeService::script([FakeResponse::json(200, list_json(&[order_json("a"), order_json("b")], None))]);
    let mut orders = orders(&service);

    let found: Vec<_> = (&mut orders).map(|order| order.unwrap().id).collect().await;

    assert_eq!(found, ["a", "b"]);
    assert_eq!(orders.total_count(), Some(2));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_before_the_first_element_is_polled() {
    let service = FakeService::script([]);
    drop(orders(&service));
    assert!(service.seen().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_rejected_list_is_an_error_and_the_end() {
    let service = FakeService::script([FakeResponse::json(403, fault_json(20002))]);
    let found = all(orders(&service)).await;
    assert_eq!(found.len(), 1);
    assert!(found[0].as_ref().unwrap_err().is_no_relationship());
}

#[tokio::test(start_paused = true)]
async fn a_list_that_breaks_before_its_first_element_starts_again() {
    let whole = list_json(&[order_json("a")], None);
    let mut attempts = 0;
    let service = FakeService::new(move |_| {
        attempts += 1;
        if attempts == 1 {
            streamed(stream::iter([Ok("{\"items\":[".into()), Err(reset())]))
        } else {
            FakeResponse::json(200, whole.clone())
        }
    });

    assert_eq!(ids(&all(orders(&service)).await), ["a"]);
    assert_eq!(service.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_always_breaks_before_its_first_element_has_the_attempts_of_a_call() {
    let service = FakeService::new(|_| streamed(stream::iter([Ok("{\"items\":[".into()), Err(reset())])));

    let found = all(orders(&service)).await;

    assert_eq!(found.len(), 1);
    assert_eq!(found[0].as_ref().unwrap_err().kind(), ErrorKind::Interrupted);
    assert_eq!(service.seen().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn what_surrounds_the_elements_is_kept_up_to_the_limit_only() {
    let service = FakeService::new(|_| {
        let padding = std::iter::repeat_n("x".repeat(400), 10);
        let pieces = std::iter::once("{\"items\":[],\"more\":\"".to_owned()).chain(padding).chain(["\"}".to_owned()]);
        streamed(stream::iter(pieces.map(|piece| Ok(Bytes::from(piece)))))
    });
    let token = partner_center_orders::StaticToken::new("token-1");
    let partner = settings(&service).credential(token).body_limit(1000).build().unwrap();

    let found = all(partner.customer(CUSTOMER).orders().list().stream()).await;

    assert_eq!(found.len(), 1);
    assert_eq!(found[0].as_ref().unwrap_err().kind(), ErrorKind::ResponseTooLarge);
}

#[tokio::test(start_paused = true)]
async fn a_break_after_an_element_is_reported_with_its_index_and_not_retried() {
    let begin = format!("{{\"items\":[{},{},{{\"id\":", order_json("a"), order_json("b"));
    let service = FakeService::new(move |_| streamed(stream::iter([Ok(begin.clone().into()), Err(reset())])));

    let found = all(orders(&service)).await;

    assert_eq!(ids(&found[..2]), ["a", "b"]);
    let error = found[2].as_ref().unwrap_err();
    assert_eq!((error.kind(), error.element_index()), (ErrorKind::Interrupted, Some(2)));
    assert!(error.to_string().contains("element 2"), "{error}");
    assert_eq!(service.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_truncated_list_is_an_error() {
    let text = format!("{{\"items\":[{}", order_json("a"));
    let service = FakeService::script([FakeResponse::json(200, text)]);

    let found = all(orders(&service)).await;

    assert_eq!(found[1].as_ref().unwrap_err().kind(), ErrorKind::Interrupted);
}

#[tokio::test(start_paused = true)]
async fn an_element_that_cannot_be_decoded_ends_the_stream_unless_asked() {
    let text = list_json(&[order_json("a"), r#"{"id":7}"#.to_owned(), order_json("c")], None);
    let service = FakeService::new(move |_| FakeResponse::json(200, text.clone()));

    let found = all(orders(&service)).await;
    assert_eq!(found.len(), 2);
    assert_eq!(found[1].as_ref().unwrap_err().element_index(), Some(1));

    let found = all(orders(&service).skip_invalid_items()).await;
    assert_eq!(found[0].as_deref().unwrap(), "a");
    assert_eq!(found[1].as_ref().unwrap_err().kind(), ErrorKind::InvalidResponse);
    assert_eq!(found[2].as_deref().unwrap(), "c");
}

#[tokio::test(start_paused = true)]
async fn each_element_that_cannot_be_decoded_is_reported_with_its_index() {
    let unreadable = r#"{"id":7}"#.to_owned();
    let items = [order_json("a"), unreadable.clone(), unreadable.clone(), order_json("d"), unreadable];
    let service = FakeService::script([FakeResponse::json(200, list_json(&items, None))]);

    let found = all(orders(&service).skip_invalid_items()).await;

    let places: Vec<_> = found.iter().map(|found| found.as_ref().err().map(Error::element_index)).collect();
    assert_eq!(places, [None, Some(Some(1)), Some(Some(2)), None, Some(Some(4))]);
}

#[tokio::test(start_paused = true)]
async fn a_list_and_its_stream_are_filtered_alike() {
    let service = FakeService::new(|_| FakeResponse::json(200, list_json(&[], None)));
    let list = || {
        let orders = client(&service).customer(CUSTOMER).orders();
        orders.list().indirect_reseller("4b7c…/&").billing_cycle(BillingCycle::OneTime).include_system_purchases()
    };

    list().await.unwrap();
    all(list().stream()).await;

    let seen = service.seen();
    assert_eq!(seen.len(), 2);
    for seen in seen {
        let query: BTreeMap<String, String> = seen.url.query_pairs().into_owned().collect();
        assert_eq!(query["indirect_reseller_id"], "4b7c…/&");
        assert_eq!(query["billingType"], "onetime");
        assert_eq!(query["include_system_purchases"], "true");
    }
}

const NEXT: &str = r#"{"uri":"/customers/x/orders?seek=2","method":"GET","headers":[{"key":"MS-ContinuationToken","value":"abc"},{"key":"Authorization","value":"Bearer theirs"}]}"#;

fn in_two_parts() -> FakeService {
    FakeService::new(|seen| {
        let second = seen.url.query() == Some("seek=2");
        let (id, next) = if second { ("b", None) } else { ("a", Some(NEXT)) };
        FakeResponse::json(200, list_json(&[order_json(id)], next))
    })
}

#[tokio::test(start_paused = true)]
async fn a_link_to_a_further_part_is_followed_with_its_headers() {
    let service = in_two_parts();

    let whole = client(&service).customer(CUSTOMER).orders().list().await.unwrap();
    assert_eq!(whole.iter().map(|order| order.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(ids(&all(orders(&service)).await), ["a", "b"]);

    for seen in service.seen().iter().filter(|seen| seen.url.query().is_some()) {
        assert_eq!(seen.url.path(), "/v1/customers/x/orders");
        assert_eq!(seen.header("ms-continuationtoken"), "abc");
        assert_eq!(seen.header("authorization"), "Bearer token-1");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_can_start_where_a_stream_ended() {
    let service = in_two_parts();
    let mut stream = orders(&service);
    assert_eq!(stream.resume_link(), None);
    stream.next().await.unwrap().unwrap();
    stream.next().await.unwrap().unwrap();
    let link: Link = stream.resume_link().unwrap();

    let list = || client(&service).customer(CUSTOMER).orders().list().starting_at(link.clone());

    assert_eq!(ids(&all(list().stream()).await), ["b"]);
    assert_eq!(list().await.unwrap()[0].id, "b");
}

/// A service whose parts link in a circle, and a client without a rate limit.
fn circling() -> (FakeService, PartnerCenter) {
    let next = r#"{"uri":"/customers/x/orders","method":"GET"}"#;
    let mut requests = 0;
    let service = FakeService::new(move |_| {
        requests += 1;
        assert!(requests <= 10_000, "no further part is requested");
        FakeResponse::json(200, list_json(&[], Some(next)))
    });
    let partner = settings(&service)
        .credential(StaticToken::new("token-1"))
        .rate_limit(partner_center_orders::RateLimit::unlimited())
        .build()
        .unwrap();
    (service, partner)
}

#[tokio::test(start_paused = true)]
async fn parts_that_link_in_a_circle_end() {
    let (service, partner) = circling();

    let error = partner.customer(CUSTOMER).orders().list().await.unwrap_err();

    assert_eq!((error.kind(), service.seen().len()), (ErrorKind::Other, 10_000));
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_parts_that_link_in_a_circle_ends() {
    let (service, partner) = circling();

    let found = all(partner.customer(CUSTOMER).orders().list().stream()).await;

    assert_eq!(found.len(), 1);
    assert_eq!((found[0].as_ref().unwrap_err().kind(), service.seen().len()), (ErrorKind::Other, 10_000));
}

#[tokio::test(start_paused = true)]
async fn every_collection_streams() {
    let service = FakeService::new(|_| FakeResponse::json(200, r#"{"totalCount":0,"items":[]}"#));
    let customer = client(&service).customer(CUSTOMER);
    let orders = customer.orders();

    assert!(orders.subscriptions("o").stream().next().await.is_none());
    assert!(orders.activation_links("o").stream().next().await.is_none());
    assert!(orders.line_activation_links("o", 3).stream().next().await.is_none());
    assert!(orders.provisioning_status("o").stream().next().await.is_none());
    assert!(orders.attachments("o").list().stream().next().await.is_none());
    assert!(customer.subscriptions().activation_links("s").stream().next().await.is_none());

    let paths: Vec<_> = service.seen().iter().map(|seen| seen.path().replace(&CUSTOMER.to_string(), "C")).collect();
    let expected = [
        "/customers/C/subscriptions?order_id=o",
        "/customers/C/orders/o/activationlinks",
        "/customers/C/orders/o/lineitems/3/activationlinks",
        "/customers/C/orders/o/provisioningstatus",
        "/customers/C/orders/o/attachments",
        "/customers/C/subscriptions/s/activationlinks",
    ];
    assert_eq!(paths, expected);
}

#[test]
fn two_hundred_thousand_orders_stream_in_flat_memory() {
    const ORDERS: usize = 200_000;
    const IN_A_CHUNK: usize = 20;
    let sent = Arc::new(AtomicUsize::new(0));
    let order = order_json("YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1");
    let bytes = order.len() * ORDERS;
    let counter = Arc::clone(&sent);
    let chunk = Bytes::from(format!("{order},").repeat(IN_A_CHUNK));
    let last = Bytes::from([&order; IN_A_CHUNK].map(String::as_str).join(",") + "]}");
    let respond = move |_: &RecordedRequest| {
        let (counter, chunk, last) = (Arc::clone(&counter), chunk.clone(), last.clone());
        let chunks = (0..ORDERS / IN_A_CHUNK).map(move |index| {
            counter.fetch_add(IN_A_CHUNK, Ordering::Relaxed);
            Ok(if index + 1 == ORDERS / IN_A_CHUNK { last.clone() } else { chunk.clone() })
        });
        streamed(stream::iter(
            [Ok(Bytes::from_static(b"{\"totalCount\":200000,\"items\":["))].into_iter().chain(chunks),
        ))
    };

    let (mut read, mut furthest_ahead, mut total) = (0, 0, None);
    let streaming = async {
        let mut orders = orders(&FakeService::new(respond));
        while let Some(order) = orders.next().await {
            order.unwrap();
            read += 1;
            furthest_ahead = furthest_ahead.max(sent.load(Ordering::Relaxed) - read);
        }
        total = orders.total_count();
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    // Everything happens on this thread, so allocations of other tests aren't counted.
    let memory = allocation_counter::measure(|| runtime.block_on(streaming));

    println!(
        "{read} orders, {bytes} bytes: {} bytes of memory at most, at most {furthest_ahead} orders were read ahead",
        memory.bytes_max
    );
    assert_eq!(read, ORDERS);
    // Orders are read from the connection as they are polled, and not kept. Decoded, all of them take hundreds of megabytes.
    assert!(furthest_ahead <= 2 * IN_A_CHUNK, "{furthest_ahead}");
    assert!(memory.bytes_max < 1_000_000, "{} bytes of memory", memory.bytes_max);
    assert_eq!(total, Some(200_000));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_bounds_the_beginning_of_a_stream_only() {
    let order = order_json("a");
    let service = FakeService::new(move |_| {
        let order = order.clone();
        let slow = stream::unfold(0, move |index| {
            let order = order.clone();
            async move {
                tokio::time::sleep(Duration::from_secs(50)).await;
                match index {
                    0 => Some((Ok(Bytes::from("{\"items\":[")), 1)),
                    1..=5 => Some((Ok(Bytes::from(if index == 5 { order } else { order + "," })), index + 1)),
                    6 => Some((Ok(Bytes::from("]}")), 7)),
                    _ => None,
                }
            }
        });
        streamed(slow)
    });

    let list = client(&service).customer(CUSTOMER).orders().list().deadline(Duration::from_secs(30));

    assert_eq!(ids(&all(list.stream()).await).len(), 5);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_bounds_the_beginning_of_each_part() {
    let mut requests = 0;
    let service = FakeService::new(move |_| {
        requests += 1;
        // The last part needs a second attempt, for which a deadline that counts from the first part leaves no time.
        if requests == 3 {
            return FakeResponse::json(503, "");
        }
        let next = (requests < 3).then_some(NEXT);
        let text = list_json(&[order_json("a")], next);
        streamed(stream::once(async move {
            tokio::time::sleep(Duration::from_secs(50)).await;
            Ok(Bytes::from(text))
        }))
    });

    let list = client(&service).customer(CUSTOMER).orders().list().deadline(Duration::from_secs(60));

    assert_eq!(ids(&all(list.stream()).await).len(), 3);
}

/// A list that begins, and then stalls.
fn stalls() -> FakeResponse {
    streamed(stream::iter([Ok(Bytes::from("{\"items\":["))]).chain(stream::pending()))
}

#[tokio::test(start_paused = true)]
async fn all_beginnings_of_a_stream_share_one_deadline() {
    let service = FakeService::new(|_| stalls());
    let begun = tokio::time::Instant::now();

    let list = client(&service).customer(CUSTOMER).orders().list().deadline(Duration::from_secs(100));
    let found = all(list.stream()).await;

    assert_eq!(found.len(), 1);
    assert_eq!(found[0].as_ref().unwrap_err().kind(), ErrorKind::Timeout);
    assert!(begun.elapsed() <= Duration::from_secs(100 + 60), "{:?}", begun.elapsed());
    assert_eq!(service.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn parts_and_restarts_of_a_stream_carry_one_correlation_id() {
    let mut requests = 0;
    let service = FakeService::new(move |_| {
        requests += 1;
        let links = (requests < 5).then_some(NEXT);
        if requests == 1 || requests == 3 { stalls() } else { FakeResponse::json(200, list_json(&[], links)) }
    });

    assert!(all(orders(&service)).await.is_empty());

    let seen = service.seen();
    let ids = |name| seen.iter().map(|seen| seen.header(name).to_owned()).collect::<Vec<_>>();
    let (requests, correlations) = (ids("ms-requestid"), ids("ms-correlationid"));
    assert_eq!(correlations, vec![correlations[0].clone(); 5]);
    // The first part has the call's id, also when it is requested again; each further part has one of its own.
    assert_eq!(requests[0], requests[1]);
    assert_eq!(requests.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_list_reads_the_same_streamed_and_whole_however_its_names_are_written() {
    let [a, b] = ["a", "b"].map(order_json);
    let texts = [
        (format!(r#"{{"\u0069tems":[{a},{b}]}}"#), Ok(["a", "b"])),
        (format!(r#"{{"totalCount":2,"\u0069\u0074\u0065\u006d\u0073" : [{a},{b}]}}"#), Ok(["a", "b"])),
        (format!(r#"{{"items":[{a},{b}],"\\items":[{a}],"\u0049tems":[{a}]}}"#), Ok(["a", "b"])),
        (format!(r#"{{"ITEMS":[{a},{b}],"Item":[{a}]}}"#), Ok(["a", "b"])),
        (format!(r#"{{"Items":[{a}],"items":[{b}]}}"#), Err(1)),
        (format!(r#"{{"Items":[{a}],"ITEMS":[{b}]}}"#), Err(1)),
        (format!(r#"{{"items":[{a}],"items":[{b}]}}"#), Err(1)),
        (format!(r#"{{"items":[{a}],"\u0069tems":[]}}"#), Err(1)),
        (format!(r#"{{"items":[{a}],"totalCount":1,"items":null}}"#), Err(1)),
        (format!(r#"{{"items":[],"items":[{a}]}}"#), Err(0)),
        (format!(r#"{{"items":null,"items":[{a}]}}"#), Err(0)),
    ];
    for (text, expected) in texts {
        let service = {
            let text = text.clone();
            FakeService::new(move |_| FakeResponse::json(200, text.clone()))
        };
        let streamed = all(orders(&service)).await;
        let whole = client(&service).customer(CUSTOMER).orders().list().await;

        match expected {
            Ok(expected) => {
                assert_eq!(ids(&streamed), expected, "{text}");
                assert_eq!(
                    whole.unwrap().iter().map(|order| order.id.as_str()).collect::<Vec<_>>(),
                    expected,
                    "{text}"
                );
            }
            Err(before) => {
                // No element of the second list counts as one of the first.
                assert_eq!(streamed.len(), before + 1, "{text}");
                assert_eq!(streamed.last().unwrap().as_ref().unwrap_err().kind(), ErrorKind::InvalidResponse, "{text}");
                assert_eq!(whole.unwrap_err().kind(), ErrorKind::InvalidResponse, "{text}");
            }
        }
    }
}
