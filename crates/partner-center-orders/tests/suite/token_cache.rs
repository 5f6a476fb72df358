//! The shared token: renewal, rotation, rejection.

use std::future::IntoFuture;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use partner_center_orders::identity::secrecy::{ExposeSecret, SecretString};
use partner_center_orders::identity::{AccessToken, CredentialContext, CredentialErrorKind, StoreError, TokenStore};
use partner_center_orders::{
    BoxFuture, ClientSecret, Credential, CredentialError, PartnerCenter, RateLimit, RefreshToken, RetryPolicy,
};

use crate::support::{CUSTOMER, FakeResponse, FakeService, fault_json, order_json, settings};

/// Returns tokens `t-1`, `t-2`, … of that lifetime, after a while.
#[derive(Clone, Debug)]
struct Counting {
    given: Arc<AtomicU32>,
    lifetime: Duration,
    takes: Duration,
    fails_from: u32,
}

impl Counting {
    fn new(lifetime: u64) -> Self {
        let (lifetime, takes) = (Duration::from_secs(lifetime), Duration::from_millis(200));
        Self { given: Arc::default(), lifetime, takes, fails_from: u32::MAX }
    }

    fn count(&self) -> u32 {
        self.given.load(Ordering::SeqCst)
    }
}

impl Credential for Counting {
    fn access_token<'a>(
        &'a self,
        sign_in: &'a CredentialContext,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async move {
            let number = self.given.fetch_add(1, Ordering::SeqCst) + 1;
            tokio::time::sleep(self.takes).await;
            if number >= self.fails_from {
                return Err(CredentialError::other("out of tokens"));
            }
            Ok(AccessToken::new(format!("t-{number}"), sign_in.now() + self.lifetime))
        })
    }
}

fn reads() -> FakeService {
    FakeService::new(|_| FakeResponse::json(200, order_json("5cf72f146967")))
}

async fn read(partner: &PartnerCenter) {
    partner.customer(CUSTOMER).orders().get("5cf72f146967").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_thousand_callers_share_one_renewal() {
    let (service, credential) = (reads(), Counting::new(3600));
    let partner = settings(&service).credential(credential.clone()).rate_limit(RateLimit::unlimited()).build().unwrap();

    let callers: Vec<_> = (0..1000)
        .map(|_| {
            let partner = partner.clone();
            tokio::spawn(async move { read(&partner).await })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }

    assert_eq!(credential.count(), 1);
    assert_eq!(service.seen().len(), 1000);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_ahead_of_its_end_while_the_old_one_serves() {
    let (service, credential) = (reads(), Counting::new(3600));
    let partner = settings(&service).credential(credential.clone()).build().unwrap();
    read(&partner).await;

    tokio::time::advance(Duration::from_secs(3600 - 299)).await;
    read(&partner).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    read(&partner).await;

    let tokens: Vec<_> = service.seen().iter().map(|seen| seen.header("authorization").to_owned()).collect();
    assert_eq!(tokens, ["Bearer t-1", "Bearer t-1", "Bearer t-2"]);
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_not_used() {
    let (service, credential) = (reads(), Counting::new(3600));
    let partner = settings(&service).credential(credential).build().unwrap();
    read(&partner).await;

    tokio::time::advance(Duration::from_secs(3600 - 29)).await;
    read(&partner).await;

    assert_eq!(service.seen()[1].header("authorization"), "Bearer t-2");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_expires_while_its_caller_waits_for_a_permit_is_not_used() {
    let service = reads();
    let one_a_minute = RateLimit::new(NonZeroU32::MIN, NonZeroU32::MIN);
    let patient = settings(&service).deadline(Duration::from_secs(300));
    let partner = patient.credential(Counting::new(100)).rate_limit(one_a_minute).build().unwrap();

    tokio::join!(read(&partner), read(&partner), read(&partner));

    let tokens: Vec<_> = service.seen().iter().map(|seen| seen.header("authorization").to_owned()).collect();
    assert_eq!(tokens, ["Bearer t-1", "Bearer t-1", "Bearer t-2"]);
}

#[tokio::test(start_paused = true)]
async fn renewals_ahead_are_spread() {
    // At the same moment one client renews and another doesn't, as their random numbers differ.
    let mut renewed = Vec::new();
    for skip in 0..8 {
        let (service, credential) = (reads(), Counting::new(3600));
        let random_source = crate::support::TestRandomSource::default();
        for _ in 0..skip {
            partner_center_orders::RandomSource::next_u64(&random_source);
        }
        let partner = settings(&service).random_source(random_source).credential(credential.clone()).build().unwrap();
        partner.sign_in().await.unwrap();
        tokio::time::advance(Duration::from_secs(3600 - 337)).await;
        partner.sign_in().await.unwrap();
        tokio::task::yield_now().await;
        renewed.push(credential.count() > 1);
    }
    assert!(renewed.contains(&true) && renewed.contains(&false), "{renewed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_ahead_of_expiry_fails_no_call_and_is_not_repeated_immediately() {
    let (service, credential) = (reads(), Counting { fails_from: 2, ..Counting::new(3600) });
    let partner = settings(&service).credential(credential.clone()).build().unwrap();
    read(&partner).await;

    tokio::time::advance(Duration::from_secs(3600 - 299)).await;
    for _ in 0..5 {
        read(&partner).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    assert_eq!(credential.count(), 2);
    assert!(service.seen().iter().all(|seen| seen.header("authorization") == "Bearer t-1"));
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_gives_up_does_not_end_the_renewal() {
    let (service, credential) = (reads(), Counting { takes: Duration::from_secs(10), ..Counting::new(3600) });
    let partner = settings(&service).credential(credential.clone()).build().unwrap();

    let call = partner.customer(CUSTOMER).orders().get("5cf72f146967").deadline(Duration::from_secs(1));
    let error = call.await.unwrap_err();
    assert!(error.is_timeout() && !error.is_outcome_unknown());
    tokio::time::sleep(Duration::from_secs(10)).await;
    read(&partner).await;

    assert_eq!(credential.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_rejected_token_is_renewed_once_and_the_call_repeated() {
    let credential = Counting::new(3600);
    let service = FakeService::new(|seen| match seen.header("authorization") {
        "Bearer t-1" => FakeResponse::json(401, fault_json(800_001)),
        _ => FakeResponse::json(200, order_json("5cf72f146967")),
    });
    let partner = settings(&service).credential(credential.clone()).build().unwrap();

    read(&partner).await;

    assert_eq!(credential.count(), 2);
    let ids: Vec<_> = service.seen().iter().map(|seen| seen.header("ms-requestid").to_owned()).collect();
    assert_eq!(ids[0], ids[1]);
}

/// Returns tokens `t-1`, `t-2`, … without an expiry.
#[derive(Clone, Debug, Default)]
struct Endless(Arc<AtomicU32>);

impl Credential for Endless {
    fn access_token<'a>(&'a self, _: &'a CredentialContext) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        Box::pin(async move { Ok(AccessToken::without_expiry(format!("t-{number}"))) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_without_expiry_is_used_until_it_is_rejected() {
    let credential = Endless::default();
    let mut requests = 0;
    let service = FakeService::new(move |seen| {
        requests += 1;
        match seen.header("authorization") {
            "Bearer t-1" if requests > 2 => FakeResponse::json(401, fault_json(800_001)),
            _ => FakeResponse::json(200, order_json("5cf72f146967")),
        }
    });
    let partner = settings(&service).credential(credential.clone()).build().unwrap();

    read(&partner).await;
    tokio::time::advance(Duration::from_secs(365 * 24 * 60 * 60)).await;
    read(&partner).await;
    assert_eq!(credential.0.load(Ordering::SeqCst), 1);
    read(&partner).await;

    let tokens: Vec<_> = service.seen().iter().map(|seen| seen.header("authorization").to_owned()).collect();
    assert_eq!(tokens, ["Bearer t-1", "Bearer t-1", "Bearer t-1", "Bearer t-2"]);
}

#[tokio::test(start_paused = true)]
async fn a_renewed_token_that_is_rejected_too_ends_the_call() {
    let credential = Counting::new(3600);
    let service = FakeService::new(|_| FakeResponse::json(401, ""));
    let partner = settings(&service).credential(credential.clone()).build().unwrap();

    let error = partner.customer(CUSTOMER).orders().get("5cf72f146967").await.unwrap_err();

    assert!(error.is_authentication());
    assert_eq!((credential.count(), service.seen().len()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_renewed_is_not_sent_twice() {
    let service = FakeService::new(|_| FakeResponse::json(401, ""));

    let error = crate::support::client(&service).customer(CUSTOMER).orders().list().await.unwrap_err();

    assert!(error.is_authentication());
    assert_eq!(service.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn many_callers_with_a_rejected_token_share_one_renewal() {
    let credential = Counting::new(3600);
    let service = FakeService::new(|seen| match seen.header("authorization") {
        "Bearer t-1" => FakeResponse::json(401, ""),
        _ => FakeResponse::json(200, order_json("5cf72f146967")),
    });
    let partner = settings(&service).credential(credential.clone()).build().unwrap();
    partner.sign_in().await.unwrap();

    let callers: Vec<_> = (0..10)
        .map(|_| {
            let partner = partner.clone();
            tokio::spawn(async move { read(&partner).await })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }

    assert_eq!(credential.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_late_401_to_an_old_token_does_not_cost_the_new_one() {
    let credential = Counting::new(3600);
    let mut rejected = 0;
    let service = FakeService::new(move |seen| match seen.header("authorization") {
        "Bearer t-1" => {
            rejected += 1;
            FakeResponse::json(401, "{}").slow(Duration::from_secs(if rejected == 1 { 0 } else { 10 }))
        }
        _ => FakeResponse::json(200, order_json("5cf72f146967")),
    });
    let partner = settings(&service).credential(credential.clone()).build().unwrap();

    tokio::join!(read(&partner), read(&partner));

    assert_eq!(credential.count(), 2);
    let tokens: Vec<_> = service.seen().iter().map(|seen| seen.header("authorization").to_owned()).collect();
    assert_eq!(tokens, ["Bearer t-1", "Bearer t-1", "Bearer t-2", "Bearer t-2"]);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_rejected_while_another_call_waits_for_its_permit_is_not_used() {
    // The permit comes after the renewal, and while it runs.
    for takes in [Duration::from_millis(200), Duration::from_secs(8)] {
        let service = FakeService::new(|seen| match seen.header("authorization") {
            "Bearer t-1" => FakeResponse::json(401, "{}").slow(Duration::from_secs(5)),
            _ => FakeResponse::json(200, order_json("5cf72f146967")),
        });
        let six_a_minute = RateLimit::new(NonZeroU32::new(6).unwrap(), NonZeroU32::MIN);
        let credential = Counting { takes, ..Counting::new(3600) };
        let partner = settings(&service).credential(credential).rate_limit(six_a_minute).build().unwrap();

        tokio::join!(read(&partner), read(&partner));

        let tokens: Vec<_> = service.seen().iter().map(|seen| seen.header("authorization").to_owned()).collect();
        assert_eq!(tokens, ["Bearer t-1", "Bearer t-2", "Bearer t-2"], "{takes:?}");
    }
}

/// Panics the first time, as a library below it might.
#[derive(Clone, Debug, Default)]
struct PanicsOnce(Arc<AtomicU32>);

impl Credential for PanicsOnce {
    fn access_token<'a>(&'a self, _: &'a CredentialContext) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async {
            let is_first = self.0.fetch_add(1, Ordering::SeqCst) == 0;
            tokio::time::sleep(Duration::from_secs(1)).await;
            assert!(!is_first, "not a token yet");
            Ok(AccessToken::without_expiry("t-2"))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_panics_is_followed_by_another() {
    let (service, credential) = (reads(), PanicsOnce::default());
    let partner = settings(&service).credential(credential.clone()).build().unwrap();

    tokio::join!(read(&partner), read(&partner));

    assert_eq!(credential.0.load(Ordering::SeqCst), 2);
    assert!(service.seen().iter().all(|seen| seen.header("authorization") == "Bearer t-2"));
}

/// A store that fails a given number of times.
#[derive(Clone, Debug, Default)]
struct Flaky {
    failures_left: Arc<AtomicU32>,
    saved: Arc<Mutex<Vec<String>>>,
}

impl TokenStore for Flaky {
    fn load(&self) -> BoxFuture<'_, Result<Option<SecretString>, StoreError>> {
        Box::pin(async { Ok(None) })
    }

    fn save<'a>(&'a self, refresh_token: &'a SecretString) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let left = self.failures_left.load(Ordering::SeqCst);
            if left > 0 {
                self.failures_left.store(left - 1, Ordering::SeqCst);
                return Err("the disk is full".into());
            }
            self.saved.lock().unwrap().push(refresh_token.expose_secret().to_owned());
            Ok(())
        })
    }
}

/// Accepts refresh tokens `r-0`, `r-1`, … once each, and responds to reads.
fn rotating() -> FakeService {
    let mut expected = 0;
    FakeService::new(move |seen| {
        let Some(token) = seen.field("refresh_token") else {
            return FakeResponse::json(200, order_json("5cf72f146967"));
        };
        assert_eq!(token, format!("r-{expected}"));
        expected += 1;
        FakeResponse::json(
            200,
            format!(
                r#"{{"token_type":"Bearer","expires_in":3600,"access_token":"t-{expected}","refresh_token":"r-{expected}"}}"#
            ),
        )
    })
}

#[tokio::test(start_paused = true)]
async fn each_rotated_refresh_token_reaches_the_store() {
    let (service, store) = (rotating(), Flaky::default());
    let credential = RefreshToken::new("contoso.example", "app-1", "r-0").store(store.clone());
    let partner = settings(&service).credential(credential).build().unwrap();

    for _ in 0..3 {
        read(&partner).await;
        tokio::time::advance(Duration::from_secs(3600)).await;
    }

    assert_eq!(*store.saved.lock().unwrap(), ["r-1", "r-2", "r-3"]);
}

#[tokio::test(start_paused = true)]
async fn a_failing_store_fails_no_call_and_gets_the_token_again() {
    let (service, store) = (rotating(), Flaky::default());
    store.failures_left.store(1, Ordering::SeqCst);
    let reported = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&reported);
    let credential =
        RefreshToken::new("contoso.example", "app-1", "r-0").store(store.clone()).on_store_failure(move |error| {
            assert_eq!(error.to_string(), "the disk is full");
            counter.fetch_add(1, Ordering::SeqCst);
        });
    let partner = settings(&service).credential(credential).build().unwrap();

    read(&partner).await;
    assert_eq!((reported.load(Ordering::SeqCst), store.saved.lock().unwrap().len()), (1, 0));

    tokio::time::advance(Duration::from_secs(3600)).await;
    read(&partner).await;
    assert_eq!(*store.saved.lock().unwrap(), ["r-1", "r-2"]);
}

#[tokio::test(start_paused = true)]
async fn a_saved_refresh_token_comes_before_the_first_one() {
    let store = partner_center_orders::identity::MemoryTokenStore::default();
    store.save(&"r-5".into()).await.unwrap();
    let service = FakeService::script([FakeResponse::json(200, r#"{"token_type":"Bearer","access_token":"t-1"}"#)]);
    let credential = RefreshToken::new("contoso.example", "app-1", "r-0").store(store);

    settings(&service).credential(credential).build().unwrap().sign_in().await.unwrap();

    assert_eq!(service.seen()[0].field("refresh_token").as_deref(), Some("r-5"));
}

/// Issues no token before that time, with a `Retry-After`; then one that lives for an hour.
fn opens_after(seconds: u64, retry_after: Option<&'static str>) -> FakeService {
    FakeService::new(move |seen| {
        if seen.url.host_str() != Some("login.example") {
            return FakeResponse::json(200, order_json("5cf72f146967"));
        }
        if seen.at >= Duration::from_secs(seconds) {
            return FakeResponse::json(200, r#"{"token_type":"Bearer","access_token":"t-1","expires_in":3600}"#);
        }
        let response = FakeResponse::json(429, "");
        match retry_after {
            Some(retry_after) => response.with("retry-after", retry_after),
            None => response,
        }
    })
}

fn token_requests(service: &FakeService) -> Vec<Duration> {
    let all = service.seen();
    all.iter().filter(|seen| seen.url.host_str() == Some("login.example")).map(|seen| seen.at).collect()
}

fn app() -> ClientSecret {
    ClientSecret::new("contoso.example", "app-1", "secret")
}

/// Two hundred calls, one every 50 milliseconds.
async fn two_hundred_reads(partner: &PartnerCenter) -> usize {
    let mut calls = Vec::new();
    for _ in 0..200 {
        let call = partner.customer(CUSTOMER).orders().get("5cf72f146967");
        calls.push(tokio::spawn(call.into_future()));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut succeeded = 0;
    for call in calls {
        succeeded += usize::from(call.await.unwrap().is_ok());
    }
    succeeded
}

#[tokio::test(start_paused = true)]
async fn the_retry_after_of_the_token_endpoint_holds_for_all_calls() {
    let service = opens_after(45, Some("30"));
    let partner = settings(&service).credential(app()).rate_limit(RateLimit::unlimited()).build().unwrap();

    assert_eq!(two_hundred_reads(&partner).await, 200);

    let seconds: Vec<_> = token_requests(&service).iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [0, 30, 60]);
}

#[tokio::test(start_paused = true)]
async fn a_failing_token_endpoint_without_retry_after_gets_ever_fewer_requests() {
    let service = opens_after(6, None);
    let partner = settings(&service).credential(app()).rate_limit(RateLimit::unlimited()).build().unwrap();

    two_hundred_reads(&partner).await;

    let milliseconds: Vec<_> = token_requests(&service).iter().map(Duration::as_millis).collect();
    assert!(milliseconds.len() <= 6, "{milliseconds:?}");
    for (index, pair) in milliseconds.windows(2).enumerate() {
        assert!(pair[1] - pair[0] >= 500 << index, "{milliseconds:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_renewal_ahead_of_expiry_keeps_to_retry_after_too() {
    let service = FakeService::new(|seen| match (seen.url.host_str(), seen.at.as_secs()) {
        (Some("login.example"), 0) => {
            FakeResponse::json(200, r#"{"token_type":"Bearer","access_token":"t-1","expires_in":3600}"#)
        }
        (Some("login.example"), _) => FakeResponse::json(503, "").with("retry-after", "120"),
        _ => FakeResponse::json(200, order_json("5cf72f146967")),
    });
    let partner = settings(&service).credential(app()).build().unwrap();
    read(&partner).await;

    tokio::time::advance(Duration::from_secs(3600 - 290)).await;
    for _ in 0..130 {
        read(&partner).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    let seconds: Vec<_> = token_requests(&service).iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [0, 3310, 3430]);
}

#[tokio::test(start_paused = true)]
async fn tokens_that_end_while_their_callers_wait_are_used_all_the_same() {
    for lifetime in [0, 1] {
        let service = FakeService::new(move |seen| {
            if seen.url.host_str() == Some("login.example") {
                let token = format!(r#"{{"token_type":"Bearer","access_token":"t","expires_in":{lifetime}}}"#);
                return FakeResponse::json(200, token);
            }
            FakeResponse::json(200, order_json("5cf72f146967"))
        });
        let one_in_ten_seconds = RateLimit::new(NonZeroU32::new(6).unwrap(), NonZeroU32::MIN);
        let partner = settings(&service).credential(app()).rate_limit(one_in_ten_seconds).build().unwrap();

        tokio::join!(read(&partner), read(&partner), read(&partner), read(&partner));

        let reads: Vec<_> =
            service.seen().iter().filter(|seen| seen.body.is_empty()).map(|seen| seen.at.as_secs()).collect();
        assert_eq!(reads, [0, 10, 20, 30], "no permit is lost if tokens live for {lifetime} s");
        let tokens = token_requests(&service).len();
        assert!(tokens <= 12, "{tokens} token requests for four calls, where tokens live for {lifetime} s");
    }
}

/// Hangs the first time; later it returns a token.
#[derive(Clone, Debug)]
struct HangsOnce {
    calls: Arc<AtomicU32>,
    then: Counting,
}

impl Credential for HangsOnce {
    fn access_token<'a>(
        &'a self,
        sign_in: &'a CredentialContext,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        if self.calls.fetch_add(1, Ordering::SeqCst) == 0 {
            return Box::pin(std::future::pending());
        }
        self.then.access_token(sign_in)
    }
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_hangs_once_does_not_block_the_client_for_good() {
    let (service, credential) = (reads(), HangsOnce { calls: Arc::default(), then: Counting::new(3600) });
    let partner = settings(&service).credential(credential.clone()).build().unwrap();

    let call = partner.customer(CUSTOMER).orders().get("5cf72f146967").deadline(Duration::from_secs(10));
    assert!(call.await.unwrap_err().is_timeout());
    tokio::time::sleep(Duration::from_secs(600)).await;
    read(&partner).await;

    assert_eq!(credential.calls.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_outlasts_a_credential_that_hangs_once() {
    let (service, credential) = (reads(), HangsOnce { calls: Arc::default(), then: Counting::new(3600) });
    let partner = settings(&service).credential(credential).build().unwrap();

    read(&partner).await;
}

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
async fn a_closed_token_endpoint_can_be_reopened() {
    let service = opens_after(1, Some("57000000"));
    let partner = settings(&service).credential(app()).build().unwrap();
    let error = partner.sign_in().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)), "an hour is as long as anything is believed");
    tokio::time::sleep(Duration::from_secs(2)).await;
    partner.sign_in().await.unwrap_err();

    partner.reopen();
    read(&partner).await;

    assert_eq!(token_requests(&service).iter().map(Duration::as_secs).collect::<Vec<_>>(), [0, 2]);
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

#[tokio::test(start_paused = true)]
async fn a_token_of_a_short_life_is_renewed_in_its_last_quarter_and_not_before() {
    let credential = Counting { takes: Duration::ZERO, ..Counting::new(100) };
    let partner = settings(&reads()).credential(credential.clone()).build().unwrap();

    // When a fifth of its life is left, or up to a quarter of that earlier: renewals are spread.
    for (seconds, tokens) in [(0, 1), (74, 1), (7, 2)] {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        partner.sign_in().await.unwrap();
        // A renewal ahead of expiry runs by itself.
        tokio::task::yield_now().await;
        assert_eq!(credential.count(), tokens, "{seconds} s later");
    }
}

/// A store that can't be read.
#[derive(Debug)]
struct Unreachable;

impl TokenStore for Unreachable {
    fn load(&self) -> BoxFuture<'_, Result<Option<SecretString>, StoreError>> {
        Box::pin(async { Err("the store is away".into()) })
    }

    fn save<'a>(&'a self, _: &'a SecretString) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_cannot_be_read_is_reported_and_fails_no_call_if_there_is_a_token() {
    let reported = Arc::new(Mutex::new(Vec::new()));
    let reports = Arc::clone(&reported);
    let credential = RefreshToken::new("contoso.example", "app-1", "r-0")
        .store(Unreachable)
        .on_store_failure(move |error| reports.lock().unwrap().push(error.to_string()));
    read(&settings(&rotating()).credential(credential).build().unwrap()).await;
    assert_eq!(*reported.lock().unwrap(), ["the store is away"]);

    let credential = RefreshToken::from_store("contoso.example", "app-1", Unreachable);
    let error = settings(&FakeService::script([])).credential(credential).build().unwrap().sign_in().await.unwrap_err();
    assert_eq!(error.kind(), CredentialErrorKind::Store);
}
