//! How long tokens may be, and how long credentials and stores may take.

use std::time::Duration;

use partner_center_orders::identity::secrecy::SecretString;
use partner_center_orders::identity::{AccessToken, CredentialContext, CredentialErrorKind, StoreError, TokenStore};
use partner_center_orders::{BoxFuture, Credential, CredentialError, RefreshToken, RetryPolicy};

use super::{Counting, reads, rotating};
use crate::support::{CUSTOMER, FakeResponse, FakeService, settings};

/// Returns a fixed token.
#[derive(Debug)]
struct Gives(String);

impl Credential for Gives {
    fn access_token<'a>(&'a self, _: &'a CredentialContext) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async { Ok(AccessToken::without_expiry(self.0.clone())) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_of_megabytes_is_not_sent() {
    let service = FakeService::script([]);
    let partner = settings(&service).credential(Gives("t".repeat(4 << 20))).build().unwrap();

    let error = partner.customer(CUSTOMER).orders().get("5cf72f146967").await.unwrap_err();

    assert_eq!(error.credential_error().unwrap().kind(), CredentialErrorKind::InvalidResponse);
}

/// Holds a refresh token of that length.
#[derive(Debug)]
struct Holding(usize);

impl TokenStore for Holding {
    fn load(&self) -> BoxFuture<'_, Result<Option<SecretString>, StoreError>> {
        Box::pin(async { Ok(Some("r".repeat(self.0).into())) })
    }

    fn save<'a>(&'a self, _: &'a SecretString) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_of_megabytes_is_not_sent() {
    let service = FakeService::script([]);
    let credential = RefreshToken::from_store("contoso.example", "app-1", Holding(4 << 20));
    let partner = settings(&service).credential(credential).build().unwrap();

    let error = partner.sign_in().await.unwrap_err();

    assert_eq!(error.kind(), CredentialErrorKind::Store);
}

#[tokio::test(start_paused = true)]
async fn how_long_a_credential_may_take_and_how_long_its_token_may_be_are_settings() {
    let (service, credential) = (reads(), Counting { takes: Duration::from_secs(8), ..Counting::new(3600) });
    let hasty = settings(&service).token_timeout(Duration::from_secs(5)).retry(RetryPolicy::none());
    let partner = hasty.credential(credential).build().unwrap();
    let begun = tokio::time::Instant::now();
    assert_eq!(partner.sign_in().await.unwrap_err().kind(), CredentialErrorKind::Timeout);
    assert_eq!(begun.elapsed(), Duration::from_secs(5));

    let long = settings(&service).token_limit(5 << 20).credential(Gives("t".repeat(4 << 20))).build().unwrap();
    long.sign_in().await.unwrap();
}

/// A store that responds after that time.
#[derive(Debug)]
struct Slow(Duration);

impl TokenStore for Slow {
    fn load(&self) -> BoxFuture<'_, Result<Option<SecretString>, StoreError>> {
        Box::pin(async {
            tokio::time::sleep(self.0).await;
            Ok(Some("r-0".into()))
        })
    }

    fn save<'a>(&'a self, _: &'a SecretString) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test(start_paused = true)]
async fn how_long_a_store_may_take_is_a_setting() {
    for (timeout, succeeds) in [(10, false), (30, true)] {
        let credential = RefreshToken::from_store("contoso.example", "app-1", Slow(Duration::from_secs(20)))
            .store_timeout(Duration::from_secs(timeout));
        let partner = settings(&rotating()).credential(credential).build().unwrap();

        let outcome = partner.sign_in().await;

        assert_eq!(outcome.is_ok(), succeeds, "{outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_may_be_as_long_as_the_limit() {
    for (length, is_taken) in [(1000, true), (1001, false)] {
        let limited = settings(&reads()).token_limit(1000).credential(Gives("t".repeat(length))).build().unwrap();
        assert_eq!(limited.sign_in().await.is_ok(), is_taken, "{length}");

        let granted = r#"{"token_type":"Bearer","expires_in":3600,"access_token":"t-1"}"#;
        let credential = RefreshToken::from_store("contoso.example", "app-1", Holding(length));
        let service = FakeService::new(move |_| FakeResponse::json(200, granted));
        let limited = settings(&service).token_limit(1000).credential(credential).build().unwrap();
        assert_eq!(limited.sign_in().await.is_ok(), is_taken, "a refresh token of {length}");
    }
}
