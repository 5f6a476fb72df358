//! Refresh tokens: their rotation and their store.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use partner_center_orders::identity::secrecy::{ExposeSecret, SecretString};
use partner_center_orders::identity::{CredentialErrorKind, StoreError, TokenStore};
use partner_center_orders::{BoxFuture, RefreshToken};

use super::{read, rotating};
use crate::support::{FakeResponse, FakeService, settings};

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
