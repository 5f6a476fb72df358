//! One token for all: renewal, rotation, refusal.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use partner_center_orders::identity::secrecy::{ExposeSecret, SecretString};
use partner_center_orders::identity::{AccessToken, SignIn, StoreError, TokenStore};
use partner_center_orders::{BoxFuture, Credential, CredentialError, PartnerCenter, RefreshToken, Throttle};

use crate::support::{Answer, CUSTOMER, Service, fault_json, order_json, settings};

/// Gives tokens `t-1`, `t-2`, … that live so long, after a while.
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

    fn given(&self) -> u32 {
        self.given.load(Ordering::SeqCst)
    }
}

impl Credential for Counting {
    fn access_token<'a>(&'a self, sign_in: &'a SignIn) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
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

fn reads() -> Service {
    Service::new(|_| Answer::json(200, order_json("5cf72f146967")))
}

async fn read(partner: &PartnerCenter) {
    partner.customer(CUSTOMER).orders().get("5cf72f146967").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_thousand_callers_share_one_renewal() {
    let (service, credential) = (reads(), Counting::new(3600));
    let partner = settings(&service).credential(credential.clone()).throttle(Throttle::unlimited()).build().unwrap();

    let callers: Vec<_> = (0..1000)
        .map(|_| {
            let partner = partner.clone();
            tokio::spawn(async move { read(&partner).await })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }

    assert_eq!(credential.given(), 1);
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
async fn an_ended_token_is_not_used() {
    let (service, credential) = (reads(), Counting::new(3600));
    let partner = settings(&service).credential(credential).build().unwrap();
    read(&partner).await;

    tokio::time::advance(Duration::from_secs(3600 - 29)).await;
    read(&partner).await;

    assert_eq!(service.seen()[1].header("authorization"), "Bearer t-2");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ends_while_its_caller_waits_for_a_turn_is_not_used() {
    let service = reads();
    let one_a_minute = Throttle::new(NonZeroU32::MIN, NonZeroU32::MIN);
    let patient = settings(&service).deadline(Duration::from_secs(300));
    let partner = patient.credential(Counting::new(100)).throttle(one_a_minute).build().unwrap();

    tokio::join!(read(&partner), read(&partner), read(&partner));

    let tokens: Vec<_> = service.seen().iter().map(|seen| seen.header("authorization").to_owned()).collect();
    assert_eq!(tokens, ["Bearer t-1", "Bearer t-1", "Bearer t-2"]);
}

#[tokio::test(start_paused = true)]
async fn renewals_ahead_are_spread() {
    // The same moment finds one client renewing and another not, as their random numbers differ.
    let mut renewed = Vec::new();
    for skip in 0..8 {
        let (service, credential) = (reads(), Counting::new(3600));
        let randomness = crate::support::TestRandomness::default();
        for _ in 0..skip {
            partner_center_orders::Randomness::next_u64(&randomness);
        }
        let partner = settings(&service).randomness(randomness).credential(credential.clone()).build().unwrap();
        partner.sign_in().await.unwrap();
        tokio::time::advance(Duration::from_secs(3600 - 337)).await;
        partner.sign_in().await.unwrap();
        tokio::task::yield_now().await;
        renewed.push(credential.given() > 1);
    }
    assert!(renewed.contains(&true) && renewed.contains(&false), "{renewed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_ahead_costs_no_call_and_is_not_repeated_at_once() {
    let (service, credential) = (reads(), Counting { fails_from: 2, ..Counting::new(3600) });
    let partner = settings(&service).credential(credential.clone()).build().unwrap();
    read(&partner).await;

    tokio::time::advance(Duration::from_secs(3600 - 299)).await;
    for _ in 0..5 {
        read(&partner).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    assert_eq!(credential.given(), 2);
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

    assert_eq!(credential.given(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_renewed_once_and_the_call_repeated() {
    let credential = Counting::new(3600);
    let service = Service::new(|seen| match seen.header("authorization") {
        "Bearer t-1" => Answer::json(401, fault_json(800_001)),
        _ => Answer::json(200, order_json("5cf72f146967")),
    });
    let partner = settings(&service).credential(credential.clone()).build().unwrap();

    read(&partner).await;

    assert_eq!(credential.given(), 2);
    let ids: Vec<_> = service.seen().iter().map(|seen| seen.header("ms-requestid").to_owned()).collect();
    assert_eq!(ids[0], ids[1]);
}

/// Gives tokens `t-1`, `t-2`, … without a word of when they end.
#[derive(Clone, Debug, Default)]
struct Endless(Arc<AtomicU32>);

impl Credential for Endless {
    fn access_token<'a>(&'a self, _: &'a SignIn) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        Box::pin(async move { Ok(AccessToken::without_expiry(format!("t-{number}"))) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_without_expiry_is_used_until_it_is_rejected() {
    let credential = Endless::default();
    let mut requests = 0;
    let service = Service::new(move |seen| {
        requests += 1;
        match seen.header("authorization") {
            "Bearer t-1" if requests > 2 => Answer::json(401, fault_json(800_001)),
            _ => Answer::json(200, order_json("5cf72f146967")),
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
async fn a_renewed_token_that_is_refused_too_ends_the_call() {
    let credential = Counting::new(3600);
    let service = Service::new(|_| Answer::json(401, ""));
    let partner = settings(&service).credential(credential.clone()).build().unwrap();

    let error = partner.customer(CUSTOMER).orders().get("5cf72f146967").await.unwrap_err();

    assert!(error.is_sign_in());
    assert_eq!((credential.given(), service.seen().len()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_renewed_is_not_sent_twice() {
    let service = Service::new(|_| Answer::json(401, ""));

    let error = crate::support::client(&service).customer(CUSTOMER).orders().list().await.unwrap_err();

    assert!(error.is_sign_in());
    assert_eq!(service.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn many_callers_with_a_refused_token_share_one_renewal() {
    let credential = Counting::new(3600);
    let service = Service::new(|seen| match seen.header("authorization") {
        "Bearer t-1" => Answer::json(401, ""),
        _ => Answer::json(200, order_json("5cf72f146967")),
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

    assert_eq!(credential.given(), 2);
}

/// A store that fails as often as it is told.
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

/// Signs in with refresh tokens `r-0`, `r-1`, … each good once, and answers reads.
fn rotating() -> Service {
    let mut expected = 0;
    Service::new(move |seen| {
        let Some(token) = seen.field("refresh_token") else {
            return Answer::json(200, order_json("5cf72f146967"));
        };
        assert_eq!(token, format!("r-{expected}"));
        expected += 1;
        Answer::json(
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
async fn a_failing_store_costs_no_call_and_is_offered_the_token_again() {
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
    let service = Service::script([Answer::json(200, r#"{"token_type":"Bearer","access_token":"t-1"}"#)]);
    let credential = RefreshToken::new("contoso.example", "app-1", "r-0").store(store);

    settings(&service).credential(credential).build().unwrap().sign_in().await.unwrap();

    assert_eq!(service.seen()[0].field("refresh_token").as_deref(), Some("r-5"));
}
