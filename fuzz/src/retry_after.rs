//! Any value of `Retry-After`: nothing is sent before it has passed, and nothing panics.

use std::time::Duration;

use http::HeaderValue;

use super::in_memory::{CUSTOMER, Service, response, run};

/// The seconds that the header asks for, if it is a plain number.
fn seconds(value: &HeaderValue) -> Option<u64> {
    let text = value.to_str().ok()?.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// A longer delay than `RetryPolicy::max_retry_after` counts as that long: by default an hour.
const LONGEST_WAIT: u64 = 60 * 60;

/// Responds with 429 and 503 and the header once; the first byte decides the call's deadline.
pub fn check(input: &[u8]) {
    let Some((deadline, value)) = input.split_first() else { return };
    let Ok(value) = HeaderValue::from_bytes(value) else { return };
    let deadline = match deadline % 3 {
        0 => None,
        1 => Some(Duration::from_secs(100)),
        _ => Some(Duration::MAX),
    };
    let asked = seconds(&value);
    for status in [429, 503] {
        let value = value.clone();
        run(async {
            let service = Service::new(move |number| {
                let mut response = response(if number == 0 { status } else { 404 }, "{}");
                response.headers_mut().insert("retry-after", value.clone());
                response
            });
            let client = service.client().deadline(deadline).build().expect("a client");
            let error = client.customer(CUSTOMER).orders().get("o-1").await.expect_err("there is no order");
            let seen = service.seen();
            let waited = seen.get(1).map(|second| second.at - seen[0].at);
            if let (Some(asked), Some(waited)) = (asked, waited) {
                let asked = asked.min(LONGEST_WAIT);
                assert!(waited >= Duration::from_secs(asked), "waited {waited:?}, not {asked} s: {error}");
            }
            if let (Some(asked), None) = (asked, waited) {
                assert_eq!(error.retry_after(), Some(Duration::from_secs(asked)), "{error}");
            }
        });
    }
}
