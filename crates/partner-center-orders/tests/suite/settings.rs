//! What a client is built with: settings, the environment, headers.

use partner_center_orders::{
    BuildError, PartnerCenter, PartnerCenterBuilder, RandomSource as _, StaticToken, SystemRandomSource,
};

use crate::support::{CUSTOMER, FakeResponse, FakeService, client, order_json};

#[tokio::test(start_paused = true)]
async fn the_generated_client_uses_the_same_pipeline() {
    let service = FakeService::script([FakeResponse::json(503, ""), FakeResponse::json(200, order_json("o-1"))]);
    let partner = client(&service);

    let call = partner.api();
    let order = call.get_order(CUSTOMER, "o-1").send().await.unwrap();

    assert_eq!(order.id, "o-1");
    let seen = service.seen();
    assert_eq!(seen[1].header("authorization"), "Bearer token-1");
    assert_eq!(seen[0].header("ms-requestid"), seen[1].header("ms-requestid"));
}

fn from(variables: &'static [(&'static str, &'static str)]) -> Result<PartnerCenterBuilder, BuildError> {
    PartnerCenterBuilder::from_variables(|name| {
        variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn the_environment_sets_credential_and_addresses() {
    let shown = |variables| format!("{:?}", from(variables).unwrap());
    let app =
        [("PARTNER_CENTER_TENANT_ID", "t"), ("PARTNER_CENTER_CLIENT_ID", "c"), ("PARTNER_CENTER_CLIENT_SECRET", "s")];
    let app: &'static [_] = Box::leak(Box::new(app));
    assert!(shown(app).contains("ClientSecret"));

    let user =
        [("PARTNER_CENTER_TENANT_ID", "t"), ("PARTNER_CENTER_CLIENT_ID", "c"), ("PARTNER_CENTER_REFRESH_TOKEN", "r")];
    assert!(shown(Box::leak(Box::new(user))).contains("RefreshToken"));

    let elsewhere = [
        ("PARTNER_CENTER_TOKEN", "x"),
        ("PARTNER_CENTER_CLOUD", "china"),
        ("PARTNER_CENTER_BASE_URL", "http://127.0.0.1:1/v1"),
        ("PARTNER_CENTER_AUTHORITY", ""),
    ];
    let partner = from(Box::leak(Box::new(elsewhere))).unwrap().build().unwrap();
    assert_eq!(partner.cloud().base_url().as_str(), "http://127.0.0.1:1/v1");
    assert_eq!(partner.cloud().resource(), "https://partner.partnercenterapi.microsoftonline.cn");
}

#[test]
fn missing_and_invalid_variables_are_named() {
    let error = from(&[]).unwrap_err();
    assert_eq!(error.to_string(), "the environment variable PARTNER_CENTER_TENANT_ID is not set");
    let error = from(&[("PARTNER_CENTER_CLOUD", "mars")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid value of PARTNER_CENTER_CLOUD: expected one of global, us-government, china"
    );
    let error = from(&[("PARTNER_CENTER_TOKEN_ENDPOINT", "v3")]).unwrap_err();
    assert!(matches!(error, BuildError::InvalidVariable { .. }));
}

#[test]
fn invalid_settings_are_build_errors() {
    assert!(matches!(PartnerCenter::builder().build(), Err(BuildError::NoCredential)));
    let builder = || PartnerCenter::builder().credential(StaticToken::new("t"));
    assert!(matches!(builder().locale("de\n").build(), Err(BuildError::InvalidHeader { .. })));
    assert!(matches!(builder().base_url("http://partner.example").build(), Err(BuildError::InvalidAddress(_))));
}

#[tokio::test(start_paused = true)]
async fn default_headers_are_sent_and_a_call_can_override_them() {
    let service = FakeService::new(|_| FakeResponse::json(200, order_json("o-1")));
    let partner = crate::support::settings(&service)
        .credential(StaticToken::new("token-1"))
        .application_name("shop")
        .locale("fr-FR")
        .build()
        .unwrap();
    let orders = partner.customer(CUSTOMER).orders();

    orders.get("o-1").await.unwrap();
    orders.get("o-1").locale("de-DE").await.unwrap();

    let seen = service.seen();
    assert_eq!(seen[0].header("ms-partnercenter-application"), "shop");
    assert_eq!((seen[0].header("x-locale"), seen[1].header("x-locale")), ("fr-FR", "de-DE"));
}

#[test]
fn the_random_source_of_the_system_repeats_no_number() {
    let numbers: std::collections::BTreeSet<_> = (0..8).map(|_| SystemRandomSource.next_u64()).collect();
    assert_eq!(numbers.len(), 8);
}
