//! An emulator in memory whose responses are validated against the contract.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use partner_center_emulator::{CheckedResponse, Clock, Emulator};
use partner_center_orders_schema::{Code, Operation, Report, Validator};

pub(crate) const CUSTOMER: &str = "b0d70a69-4c42-4b27-b17b-91a835d8686a";
pub(crate) const ORDER: &str = "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1";

fn in_contract(response: &CheckedResponse<'_>) -> Result<(), String> {
    let Ok(operation) = Operation::named(response.operation) else { return Ok(()) };
    if !operation.responds_with(response.status) {
        return Err(format!("{} responds with {}", response.operation, response.status));
    }
    let Some(schema) = operation.response(response.status) else { return Ok(()) };
    match Validator::new(schema).strict().validate(response.body) {
        Ok(report) if is_in_contract(&report) => Ok(()),
        Ok(report) => Err(format!("{}: {report}", response.operation)),
        Err(error) => Err(format!("{}: {error}", response.operation)),
    }
}

/// Whether a response departs from the contract only by members that the contract doesn't know: the emulator returns those of
/// requests.
fn is_in_contract(report: &Report) -> bool {
    report.findings.iter().all(|finding| finding.code == Code::UnknownMember)
}

/// Creates an emulator on tokio's clock. It must be called inside a runtime.
pub(crate) fn emulator() -> Emulator {
    let start = "2026-03-01T08:00:00Z".parse().expect("an instant");
    Emulator::builder()
        .clock(Clock::runtime(start))
        .check_responses(in_contract)
        .in_memory()
        .expect("nothing is seeded that could be wrong")
}

/// Sends one request, as a whole or as text: `POST /v1/…`, lines of headers, an empty line, the body.
pub(crate) fn request(emulator: &Emulator, text: &[u8]) -> Option<Request<Full<Bytes>>> {
    let (head, body) = match text.windows(2).position(|window| window == b"\n\n") {
        Some(end) => (&text[..end], &text[end + 2..]),
        None => (text, &text[..0]),
    };
    let mut lines = std::str::from_utf8(head).ok()?.lines();
    let (method, target) = lines.next()?.split_once(' ')?;
    let mut request = Request::new(Full::new(Bytes::copy_from_slice(body)));
    *request.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
    *request.uri_mut() = format!("{}{target}", emulator.base_url()).parse::<Uri>().ok()?;
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let name: HeaderName = name.parse().ok()?;
        request.headers_mut().append(name, HeaderValue::from_str(value.trim()).ok()?);
    }
    if !request.headers().contains_key("authorization") {
        let token = emulator.user_token(true);
        request.headers_mut().insert("authorization", HeaderValue::try_from(format!("Bearer {token}")).ok()?);
    }
    Some(request)
}

/// Returns status and body of the response, which must not be a failure of the emulator.
pub(crate) async fn send(emulator: &Emulator, request: Request<Full<Bytes>>) -> (StatusCode, Bytes) {
    let shown = format!("{request:?}");
    let response = emulator.service().handle(request).await.expect("no fault is planned");
    let (head, body) = response.into_parts();
    let body = body.collect().await.expect("no fault is planned").to_bytes();
    assert!(!head.status.is_server_error(), "{} to {shown}: {}", head.status, String::from_utf8_lossy(&body));
    let violations = emulator.violations();
    assert!(violations.is_empty(), "{shown}: {violations:?}");
    (head.status, body)
}
