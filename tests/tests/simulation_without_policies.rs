//! The simulation notices a missing policy: without one, promises break within a few seeds.

use std::num::NonZeroU64;

use end_to_end::simulation::{self, Layer, Options, Reading};
use partner_center_orders::RetryWrites;

/// The promises that break first without a layer, and the seed that shows it.
fn first_broken(options: Options, seeds: u64) -> Option<(u64, Vec<String>)> {
    (1..=seeds).find_map(|seed| {
        let broken = simulation::run(seed, options).broken;
        (!broken.is_empty()).then_some((seed, broken))
    })
}

/// Without the layer, a promise that it keeps breaks: one that contains one of these words.
fn is_missed(layer: Layer, reading: Reading, seeds: NonZeroU64, words: &[&str]) {
    let options = Options { reading: Some(reading), without: Some(layer), ..Options::default() };
    let seeds = seeds.get();
    let found = (1..=seeds).find_map(|seed| {
        let broken = simulation::run(seed, options).broken;
        broken
            .into_iter()
            .find(|promise| words.iter().any(|word| promise.contains(word)))
            .map(|promise| (seed, promise))
    });
    let Some((seed, promise)) = found else { panic!("{seeds} seeds without {layer:?} kept every such promise") };
    println!("without {layer:?}, seed {seed}: {promise}");
}

const SEEDS: NonZeroU64 = NonZeroU64::new(400).expect("not zero");

const THERE_TWICE: &[&str] = &["is there 2 times", "is there 3 times", "is there 4 times"];

fn is_doubled(broken: &[String]) -> bool {
    broken.iter().any(|promise| THERE_TWICE.iter().any(|words| promise.contains(words)))
}

#[test]
fn one_id_for_all_attempts_is_missed() {
    is_missed(Layer::SameId, Reading::Honoured, SEEDS, THERE_TWICE);
}

#[test]
fn effect_aware_retry_is_missed() {
    // If ids don't count, only not repeating helps.
    let options = Options {
        reading: Some(Reading::Ignored),
        writes: Some(RetryWrites::Never),
        without: Some(Layer::EffectAwareRetry),
    };
    let (_, broken) = first_broken(options, SEEDS.get()).expect("blind repetition breaks a promise");
    assert!(is_doubled(&broken), "{broken:?}");
}

#[test]
fn retry_after_is_missed() {
    is_missed(Layer::RetryAfter, Reading::Honoured, SEEDS, &["Retry-After"]);
}

#[test]
fn the_single_renewal_is_missed() {
    is_missed(Layer::SingleRenewal, Reading::Honoured, SEEDS, &["two renewals"]);
}

#[test]
fn the_body_inside_the_attempt_is_missed() {
    is_missed(Layer::BodyInAttempt, Reading::Honoured, SEEDS, &["gave up", "is there", "lost"]);
}

#[test]
fn the_cart_read_again_is_missed() {
    // If ids count, the first response is repeated and the cart needn't be read.
    is_missed(Layer::CartReRead, Reading::Ignored, SEEDS, &["as Failed, and is there 1 times"]);
}

#[test]
fn evidence_is_missed() {
    // If writes are never repeated, most are looked up afterwards.
    is_missed(Layer::Evidence, Reading::Ignored, SEEDS, &["was reported as what", "PlainAddOn of order"]);
}

#[test]
fn the_ids_retention_is_missed() {
    is_missed(Layer::IdRetention, Reading::Honoured, SEEDS, &["under an id that may be forgotten"]);
}

#[test]
fn the_services_date_is_missed() {
    is_missed(Layer::ServiceDate, Reading::Honoured, SEEDS, &["under an id that may be forgotten", "Retry-After"]);
}

#[test]
fn what_a_rejection_leaves_open_is_missed() {
    is_missed(Layer::OpenRejection, Reading::Honoured, SEEDS, &["as Failed, and is there 1 times"]);
}

#[test]
fn what_a_rejection_leaves_open_is_missed_if_two_clients_share_a_cart() {
    is_missed(Layer::OpenRejection, Reading::Honoured, SEEDS, &["SharedCart"]);
}

#[test]
fn the_errors_of_order_groups_are_missed() {
    is_missed(Layer::OrderErrors, Reading::Honoured, SEEDS, &["as Placed, and is there 0 times"]);
}

#[test]
fn the_permits_of_dropped_calls_are_missed() {
    is_missed(Layer::DroppedPermits, Reading::Honoured, SEEDS, &["didn't get the rate"]);
}

#[test]
fn the_retry_after_of_the_token_endpoint_is_missed() {
    is_missed(Layer::TokenRetryAfter, Reading::Honoured, SEEDS, &["a token was requested too early"]);
}

/// The default has the documented risk if the service doesn't remember ids; `Never` doesn't.
#[test]
fn ids_that_do_not_count_duplicate_writes_by_default_and_none_with_never() {
    for reading in [Reading::Ignored, Reading::Forgotten] {
        let with = |writes| Options { reading: Some(reading), writes: Some(writes), without: None };
        let (_, broken) = first_broken(with(RetryWrites::SameId), SEEDS.get()).expect("a write is doubled");
        assert!(is_doubled(&broken), "{broken:?}");
        assert_eq!(first_broken(with(RetryWrites::Never), 40), None);
    }
}
