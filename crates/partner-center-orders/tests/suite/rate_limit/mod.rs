//! The shared rate limit.

mod closing;
mod permits;

use std::num::NonZeroU32;

use partner_center_orders::{PartnerCenter, RateLimit, StaticToken};

use crate::support::{CUSTOMER, FakeResponse, FakeService, order_json, settings};

fn reads() -> FakeService {
    FakeService::new(|_| FakeResponse::json(200, order_json("5cf72f146967")))
}

fn rate_limit(per_minute: u32, burst: u32) -> RateLimit {
    RateLimit::new(NonZeroU32::new(per_minute).unwrap(), NonZeroU32::new(burst).unwrap())
}

fn limited(service: &FakeService, rate_limit: &RateLimit, tenant: &str) -> PartnerCenter {
    let token = StaticToken::new("token-1");
    settings(service).credential(token).rate_limit(rate_limit.clone()).partner_tenant(tenant).build().unwrap()
}

async fn read(partner: &PartnerCenter) {
    partner.customer(CUSTOMER).orders().get("5cf72f146967").await.unwrap();
}

/// Running calls, each in a task of its own.
fn start(partner: &PartnerCenter, count: usize) -> Vec<tokio::task::JoinHandle<()>> {
    let begin = |_| {
        let partner = partner.clone();
        tokio::spawn(async move { read(&partner).await })
    };
    (0..count).map(begin).collect()
}
