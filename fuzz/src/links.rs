//! Any link may be followed: the token goes to the base address only, and only reads are made.

use partner_center_orders_api::types::{Link, Order, Subscription};

use super::in_memory::{BASE_URL, CUSTOMER, Service, response, run};
use super::nested::unfolded;

/// A link as JSON, or else its address as text.
fn link(input: &[u8]) -> Option<Link> {
    serde_json::from_slice(input).ok().or_else(|| Some(Link::new(std::str::from_utf8(input).ok()?, "GET")))
}

fn asked_only_here(service: &Service) {
    let base = reqwest::Url::parse(BASE_URL).expect("an address");
    for seen in service.seen() {
        let (method, url) = (seen.request.method(), seen.request.url());
        assert_eq!(method, http::Method::GET);
        assert_eq!(url.origin(), base.origin(), "{url}");
        assert!(url.path().starts_with("/v1/"), "{url}");
        assert_eq!((url.username(), url.password()), ("", None), "{url}");
        for name in seen.request.headers().keys() {
            let own = ["accept", "accept-encoding", "accept-language", "authorization", "user-agent", "x-locale"];
            assert!(name.as_str().starts_with("ms-") || own.contains(&name.as_str()), "{name}");
        }
        assert_eq!(seen.request.headers().get_all("authorization").iter().count(), 1);
        assert_eq!(seen.request.headers()["authorization"], "Bearer secret");
    }
}

/// Follows the link by itself, as different types, and as the next page of a list.
pub fn check(input: &[u8]) {
    let input = &*unfolded(input);
    let Some(link) = link(input) else { return };
    run(async {
        let service = Service::new(|_| response(404, "{}"));
        let client = service.client().build().expect("a client");
        let customer = client.customer(CUSTOMER);
        let _ = customer.follow::<Order>(&link).await;
        let _ = customer.follow::<Subscription>(&link).await;
        asked_only_here(&service);

        let page = format!(
            r#"{{"totalCount":0,"items":[],"links":{{"next":{}}}}}"#,
            serde_json::to_string(&link).expect("a link can be written")
        );
        let service = Service::new(move |number| if number == 0 { response(200, &page) } else { response(404, "{}") });
        let client = service.client().build().expect("a client");
        let _ = client.customer(CUSTOMER).orders().list().await;
        asked_only_here(&service);
    });
}
