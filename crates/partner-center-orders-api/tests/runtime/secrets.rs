//! `Debug` never shows a secret.

use partner_center_orders_api::types::OAuthToken;

#[test]
fn tokens_do_not_show() {
    let text = r#"{"token_type":"Bearer","expires_in":"3599","access_token":"s3cret-1","refresh_token":"s3cret-2","id_token":"s3cret-3","foci":"s3cret-4"}"#;
    let token: OAuthToken = serde_json::from_str(text).unwrap();
    let builder = OAuthToken::builder().access_token("s3cret-1").token_type("Bearer").refresh_token("s3cret-2");
    for shown in
        [format!("{token:?}"), format!("{token:#?}"), format!("{builder:?}"), format!("{:?}", Some(vec![token]))]
    {
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(shown.contains("Bearer"), "{shown}");
    }
}

/// Fails for a type with a secret member, by its name, that derives `Debug`.
#[test]
fn no_type_with_a_secret_derives_debug() {
    const SECRETS: [&str; 4] = ["token", "secret", "password", "assertion"];
    let client = include_str!("../../src/generated/client.rs");
    let mut derives_debug = false;
    for line in client.lines().map(str::trim) {
        if line.starts_with("#[derive(") {
            derives_debug = line.contains("Debug");
        }
        let Some((name, _)) = line.trim_start_matches("pub ").split_once(": ") else { continue };
        let is_secret =
            name != "token_type" && SECRETS.iter().any(|secret| name.split('_').any(|word| word == *secret));
        let is_member = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') && line.contains("::std::");
        assert!(!(derives_debug && is_secret && is_member), "{line}");
    }
}
