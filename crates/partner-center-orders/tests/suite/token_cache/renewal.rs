//! When a token is renewed: ahead of its end, at its end, where it is rejected.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use partner_center_orders::identity::{AccessToken, CredentialContext};
use partner_center_orders::{BoxFuture, Credential, CredentialError, PartnerCenter, RateLimit};

use super::{Counting, read, reads};
use crate::support::{CUSTOMER, FakeResponse, FakeService, fault_json, order_json, settings};

/// Reads an order from this many tasks.
async fn read_by_many(partner: &PartnerCenter, count: usize) {
    let callers: Vec<_> = (0..count)
        .map(|_| {
            let partner = partner.clone();
            tokio::spawn(async move { read(&partner).await })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_callers_share_one_renewal() {
    let (service, credential) = (reads(), Counting::new(3600));
    let partner = settings(&service).credential(credential.clone()).rate_limit(RateLimit::unlimited()).build().unwrap();

    read_by_many(&partner, 1000).await;

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

    read_by_many(&partner, 10).await;

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
