//! The preflight for multi-factor authentication.

use partner_center_orders::MfaCompliance;

use crate::support::{CUSTOMER, FakeResponse, FakeService, client, fault_json};

#[tokio::test(start_paused = true)]
async fn compliance_is_read_from_the_header_or_the_body() {
    for (header, member, expected) in [
        (Some("true"), "", MfaCompliance::Compliant),
        (Some("False"), "", MfaCompliance::NotCompliant),
        (Some("false"), r#""isMfaCompliant":true,"#, MfaCompliance::NotCompliant),
        (None, r#""isMfaCompliant":false,"#, MfaCompliance::NotCompliant),
        (None, r#""isMfaCompliant":"True","#, MfaCompliance::Compliant),
        (None, r#""isMfaCompliant":7,"#, MfaCompliance::NotReported),
        (None, "", MfaCompliance::NotReported),
    ] {
        let service = FakeService::new(move |_| {
            let response = FakeResponse::json(200, format!(r#"{{{member}"items":[]}}"#));
            match header {
                Some(value) => response.with("ismfacompliant", value),
                None => response,
            }
        });
        let found = client(&service).customer(CUSTOMER).check_mfa().await.unwrap();
        assert_eq!(*found, expected, "{header:?} {member}");
        assert_eq!(service.seen()[0].header("validatemfa"), "true");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_rejected_already_fails() {
    let service = FakeService::new(|_| FakeResponse::json(401, fault_json(900_421)));
    let error = client(&service).customer(CUSTOMER).check_mfa().await.unwrap_err();
    assert!(error.is_mfa_required() && error.to_string().starts_with("check_mfa failed"), "{error}");
    assert_eq!(service.seen().len(), 1, "a new token doesn't help");
}
