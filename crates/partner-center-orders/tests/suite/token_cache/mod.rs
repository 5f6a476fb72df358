//! The shared token: renewal, rotation, rejection.

mod endpoint;
mod limits;
mod renewal;
mod stores;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use partner_center_orders::identity::{AccessToken, CredentialContext};
use partner_center_orders::{BoxFuture, Credential, CredentialError, PartnerCenter};

use crate::support::{CUSTOMER, FakeResponse, FakeService, order_json};

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
