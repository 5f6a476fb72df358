//! What an error is: its kind, its predicates, and what it keeps of the response.

use http::StatusCode;
use partner_center_orders::{Error, ErrorKind, RetryPolicy, StaticToken};
use uuid::Uuid;

use super::error_of;
use crate::support::{CUSTOMER, FakeResponse, FakeService, client, fault_json, settings};

#[tokio::test(start_paused = true)]
async fn kinds_follow_code_and_status() {
    for (status, code, kind) in [
        (400, 2000, ErrorKind::Rejected),
        (400, 2055, ErrorKind::PreconditionFailed),
        (401, 900_420, ErrorKind::AudienceRetired),
        (401, 900_421, ErrorKind::MfaRequired),
        (401, 10001, ErrorKind::MfaRequired),
        (401, 800_001, ErrorKind::Unauthorized),
        (403, 20002, ErrorKind::NoRelationship),
        (403, 800_043, ErrorKind::Forbidden),
        (404, 20000, ErrorKind::NotFound),
        (404, 400_019, ErrorKind::Rejected),
        (409, 800_014, ErrorKind::Conflict),
        (409, 800_060, ErrorKind::InProgress),
        (409, 800_064, ErrorKind::InProgress),
        (412, 0, ErrorKind::PreconditionFailed),
        (417, 800_036, ErrorKind::Rejected),
        (200, 400_072, ErrorKind::Rejected),
    ] {
        let error = error_of(FakeResponse::json(status, fault_json(code))).await;
        assert_eq!((error.kind(), error.status().unwrap().as_u16()), (kind, status), "{code}");
        assert_eq!(error.code().unwrap().number(), code);
        let line = error.to_string();
        assert!(line.contains(&format!("code {code}")) && !line.contains('\n'), "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_names_the_ids_that_were_sent_and_counts_attempts() {
    let service = FakeService::new(|_| FakeResponse::json(503, ""));
    let (request, correlation) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let twice =
        settings(&service).credential(StaticToken::new("token-1")).retry(RetryPolicy::default().max_attempts(2));
    let customer = twice.build().unwrap().customer(CUSTOMER);
    assert_eq!(customer.id(), CUSTOMER);

    let error = customer.orders().get("o-1").request_id(request).correlation_id(correlation).await.unwrap_err();

    assert_eq!((error.request_id(), error.correlation_id()), (Some(request), Some(correlation)));
    assert_eq!((error.attempts(), service.seen().len()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_change_of_a_changed_resource_fails_its_precondition() {
    for (status, code, is_changed) in [(400, 2055, true), (412, 0, true), (400, 2000, false), (409, 800_014, false)] {
        let error = error_of(FakeResponse::json(status, fault_json(code))).await;
        assert_eq!(error.is_precondition_failed(), is_changed, "{error}");
    }
}

/// The predicates that hold for an error.
fn predicates(error: &Error) -> Vec<&'static str> {
    let all = [
        ("not found", error.is_not_found()),
        ("throttled", error.is_throttled()),
        ("MFA required", error.is_mfa_required()),
        ("no relationship", error.is_no_relationship()),
        ("not applied", error.is_not_applied()),
        ("in progress", error.is_in_progress()),
        ("precondition failed", error.is_precondition_failed()),
        ("timeout", error.is_timeout()),
        ("authentication", error.is_authentication()),
        ("cancelled by subscription", error.is_cancelled_by_subscription()),
        ("outcome unknown", error.is_outcome_unknown()),
    ];
    all.into_iter().filter_map(|(name, holds)| holds.then_some(name)).collect()
}

#[tokio::test(start_paused = true)]
async fn each_error_satisfies_its_own_predicates_only() {
    for (status, code, expected) in [
        (400, 2000, &[][..]),
        (400, 800_063, &["cancelled by subscription"]),
        (401, 800_001, &["authentication"]),
        (401, 900_420, &["authentication"]),
        (401, 900_421, &["MFA required", "authentication"]),
        (403, 800_043, &[]),
        (403, 20002, &["no relationship"]),
        (404, 20000, &["not found"]),
        (404, 400_019, &[]),
        (409, 800_060, &["in progress"]),
        (408, 0, &["timeout"]),
        (412, 0, &["precondition failed"]),
        (429, 0, &["throttled"]),
        (500, 0, &[]),
    ] {
        let service = FakeService::new(move |_| FakeResponse::json(status, fault_json(code)));
        let error = client(&service).customer(CUSTOMER).orders().get("o-1").await.unwrap_err();
        assert_eq!(predicates(&error), expected, "{error}");
    }
    let service = FakeService::new(|_| FakeResponse::Never);
    let error = client(&service).customer(CUSTOMER).orders().get("o-1").await.unwrap_err();
    assert_eq!(predicates(&error), ["timeout"], "{error}");
}

/// A fault has a code and a description; a body with one of the two may be anything.
#[tokio::test(start_paused = true)]
async fn a_success_that_holds_half_a_fault_is_not_an_error_response() {
    for body in [r#"{"id":7,"description":"x"}"#, r#"{"id":7,"code":2000}"#] {
        let error = error_of(FakeResponse::json(200, body)).await;
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_shape_of_an_error_response_is_understood() {
    let page = "<html><body>Bad gateway</body></html>";
    for (status, body, code, description) in [
        (404, r#"{"code":"20000","description":"As text.","source":"x"}"#, Some(20000), Some("As text.")),
        (404, "\u{feff}{\"code\":20000,\"description\":\"With a mark.\"}", Some(20000), Some("With a mark.")),
        (
            400,
            r#"{"code":2000,"description":"Old.","data":{"a":"b"},"Source":"Error","other_errors":[]}"#,
            Some(2000),
            Some("Old."),
        ),
        (403, r#"{"statusCode":403,"message":"From the gateway."}"#, None, Some("From the gateway.")),
        (400, "plain words", None, None),
        (403, page, None, None),
        (400, "", None, None),
    ] {
        let error = error_of(FakeResponse::json(status, body)).await;
        assert_eq!(error.status(), StatusCode::from_u16(status).ok());
        assert_eq!(error.code().map(partner_center_orders::ErrorCode::number), code, "{body}");
        assert_eq!(error.description(), description);
        let fault = error.fault();
        assert_eq!(fault.is_some(), description.is_some(), "{body}");
        assert_eq!(fault.and_then(|fault| fault.description.as_deref().or(fault.message.as_deref())), description);
        assert_eq!(error.raw_body(), body.as_bytes());
    }
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_success_keeps_its_body_and_names_the_position() {
    let body = r#"{"id":"o-1","lineItems":7}"#;
    let error = error_of(FakeResponse::json(200, body)).await;
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert_eq!(error.raw_body(), body.as_bytes());
    assert!(error.to_string().contains("lineItems"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn ids_of_request_and_response_are_kept_apart() {
    let response = FakeResponse::json(404, fault_json(20000))
        .with("ms-requestid", "theirs")
        .with("ms-correlationid", "theirs too");
    let error = error_of(response).await;
    assert_eq!((error.service_request_id(), error.service_correlation_id()), (Some("theirs"), Some("theirs too")));
    assert_ne!(error.request_id().unwrap().to_string(), "theirs");
}
