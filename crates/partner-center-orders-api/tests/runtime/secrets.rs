//! `Debug` never shows a secret.

use partner_center_orders_api::types::OAuthToken;

#[test]
fn tokens_do_not_show() {
    let text = r#"{"token_type":"Bearer","expires_in":"3599","access_token":"s3cret-1","refresh_token":"s3cret-2","id_token":"s3cret-3","foci":"s3cret-4"}"#;
    let token: OAuthToken = serde_json::from_str(text).unwrap();
    let built = OAuthToken::new("Bearer", "s3cret-1").refresh_token("s3cret-2");
    for shown in [format!("{token:?}"), format!("{token:#?}"), format!("{built:?}"), format!("{:?}", Some(vec![token]))]
    {
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(shown.contains("Bearer"), "{shown}");
    }
}

/// Fails for a type with a secret member, by its name, that derives `Debug` or has one written that shows it.
#[test]
fn no_type_shows_a_secret() {
    const SECRETS: [&str; 4] = ["token", "secret", "password", "assertion"];
    let is_secret =
        |name: &str| name != "token_type" && SECRETS.iter().any(|secret| name.split('_').any(|word| word == *secret));
    let client = include_str!("../../src/generated/client.rs");
    let (mut derives_debug, mut is_debug, mut members_shown) = (false, false, 0);
    for line in client.lines().map(str::trim) {
        if line.starts_with("#[derive(") {
            derives_debug = line.contains("Debug");
        }
        if line.starts_with("impl") {
            is_debug = line.contains("::Debug for");
        }
        // A line of what is shown: `("id", …`, or the name alone.
        let shown = line.trim_start_matches('(').strip_prefix('"').and_then(|rest| rest.split_once("\","));
        let shown = shown.filter(|_| is_debug);
        members_shown += usize::from(shown.is_some());
        assert!(!shown.is_some_and(|(name, _)| is_secret(name)), "{line}");
        let Some((name, _)) = line.trim_start_matches("pub ").split_once(": ") else { continue };
        let is_member = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') && line.contains("::std::");
        assert!(!(derives_debug && is_secret(name) && is_member), "{line}");
    }
    assert!(members_shown > 100, "only {members_shown} members were found");
}
