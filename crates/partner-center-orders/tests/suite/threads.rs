//! Threads that share a client at the same time. The result is the same in whichever order they run: clocks are paused, and
//! nothing waits for time.
//!
//! Token cache and rate limiter wait on tokio's primitives, so a model checker would only check a copy of them with other
//! primitives.

use std::num::NonZeroU32;
use std::sync::{Arc, Barrier};
use std::time::Duration;

use futures_util::FutureExt as _;
use partner_center_orders::{ClientSecret, Error, PartnerCenter, RateLimit, StaticToken};
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

use crate::support::{CUSTOMER, FakeResponse, FakeService, fault_json, order_json, settings};

const THREADS: usize = 8;

/// A service that issues numbered tokens, and accepts all but these.
fn service(rejected: &'static [&'static str]) -> FakeService {
    let mut tokens = 0;
    FakeService::new(move |seen| {
        if seen.url.path().ends_with("/token") {
            tokens += 1;
            return FakeResponse::json(200, format!(r#"{{"token_type":"Bearer","access_token":"token-{tokens}"}}"#));
        }
        let token = seen.header("authorization").trim_start_matches("Bearer ");
        if rejected.contains(&token) {
            return FakeResponse::json(401, fault_json(400));
        }
        FakeResponse::json(200, order_json("o-1"))
    })
}

fn count(service: &FakeService, end: &str) -> usize {
    service.seen().iter().filter(|seen| seen.url.path().ends_with(end)).count()
}

fn signing_in(service: &FakeService) -> PartnerCenter {
    let credential = ClientSecret::new("contoso.example", "client", "secret");
    settings(service).credential(credential).rate_limit(RateLimit::unlimited()).build().unwrap()
}

async fn read(partner: &PartnerCenter) -> Result<(), Error> {
    partner.customer(CUSTOMER).orders().get("o-1").await.map(drop)
}

/// Makes many calls on many threads; all succeed.
async fn read_everywhere(partner: &PartnerCenter, calls: usize) {
    let calls: Vec<_> = (0..calls)
        .map(|_| {
            let partner = partner.clone();
            tokio::spawn(async move { read(&partner).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn threads_share_one_renewal() {
    for _ in 0..20 {
        let service = service(&[]);
        read_everywhere(&signing_in(&service), 200).await;
        assert_eq!((count(&service, "/token"), count(&service, "/o-1")), (1, 200));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn threads_replace_a_rejected_token_once() {
    for _ in 0..20 {
        let service = service(&["token-1"]);
        read_everywhere(&signing_in(&service), 200).await;
        assert_eq!(count(&service, "/token"), 2);
    }
}

fn paused_runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

/// Runs this on several threads at the same time, with clocks that are paused at the same time.
fn on_threads<T: Send + 'static>(work: impl Fn(&Runtime) -> T + Send + Sync + 'static) -> Vec<T> {
    let (work, barrier) = (Arc::new(work), Arc::new(Barrier::new(THREADS)));
    let runtimes: Vec<_> = (0..THREADS).map(|_| paused_runtime()).collect();
    // A clock is paused at the time of its creation.
    let latest = runtimes.iter().map(|runtime| runtime.block_on(async { Instant::now() })).max().unwrap();
    for runtime in &runtimes {
        runtime.block_on(async { tokio::time::advance(latest - Instant::now()).await });
        assert_eq!(runtime.block_on(async { Instant::now() }), latest);
    }
    let threads: Vec<_> = runtimes
        .into_iter()
        .map(|runtime| {
            let (work, barrier) = (Arc::clone(&work), Arc::clone(&barrier));
            std::thread::spawn(move || {
                barrier.wait();
                work(&runtime)
            })
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

/// A client that has its token, so that it only waits for permits.
fn limited(service: &FakeService, per_minute: u32, deadline: Option<Duration>) -> PartnerCenter {
    let per_minute = NonZeroU32::new(per_minute).unwrap();
    let limited = settings(service).credential(StaticToken::new("token")).deadline(deadline);
    let partner = limited.rate_limit(RateLimit::new(per_minute, per_minute)).build().unwrap();
    paused_runtime().block_on(partner.sign_in()).unwrap();
    partner
}

#[test]
fn threads_together_get_the_rate_and_no_more() {
    const RATE: u32 = 1000;
    let service = service(&[]);
    // A call whose permit would come later fails immediately.
    let partner = limited(&service, RATE, Some(Duration::from_millis(1)));

    let outcomes = on_threads(move |runtime| {
        let calls = (0..250).map(|_| runtime.block_on(read(&partner)));
        calls.map(|outcome| outcome.map_err(|error| error.is_throttled())).collect::<Vec<_>>()
    });

    let outcomes = outcomes.concat();
    let went = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!((went, count(&service, "/o-1")), (RATE as usize, RATE as usize));
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(()) | Err(true))));
}

#[test]
fn calls_that_threads_drop_take_no_permit() {
    const RATE: u32 = 10;
    let service = service(&[]);
    let partner = limited(&service, RATE, None);
    let sharing = partner.clone();

    let went = on_threads(move |runtime| {
        runtime.block_on(async {
            let dropped_after_one_poll = (0..250).map(|_| read(&sharing).boxed().now_or_never());
            dropped_after_one_poll.flatten().map(Result::unwrap).count()
        })
    });

    assert_eq!(went.iter().sum::<usize>(), RATE as usize);
    let next = partner.customer(CUSTOMER).orders().get("o-1").deadline(Duration::from_secs(61));
    paused_runtime().block_on(next.send()).unwrap();
}
