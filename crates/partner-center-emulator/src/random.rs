//! Reproducible random values from one seed.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// A `SplitMix64` generator: small, fast, and good enough for ids and choices. Not for real secrets.
#[derive(Clone, Debug)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Returns a separate generator for one purpose, so that purposes don't change each other's values.
    pub(crate) fn stream(seed: u64, purpose: &str) -> Self {
        let salt = purpose
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut random = Self::new(seed ^ salt);
        random.next();
        random
    }

    /// Returns the state, from which [`Random::new`] continues the sequence.
    pub(crate) fn state(&self) -> u64 {
        self.state
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `end`; 0 if `end` is 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        // The bias of the remainder is negligible here.
        self.next().checked_rem(end).unwrap_or(0)
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let index = usize::try_from(self.below(from.len() as u64)).unwrap_or(0);
        &from[index]
    }

    /// Returns true with the given probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
        let value = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        value < probability
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for chunk in bytes.chunks_mut(8) {
            let word = self.next().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        bytes
    }

    pub(crate) fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }

    /// Returns twelve hexadecimal digits, as in the ids of new-commerce orders.
    pub(crate) fn twelve_hex(&mut self) -> String {
        self.bytes::<6>().iter().fold(String::with_capacity(12), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Returns 32 characters of the URL-safe base64 alphabet and a `1`, as in the ids of modern orders.
    pub(crate) fn modern_id(&mut self) -> String {
        let mut id = URL_SAFE_NO_PAD.encode(self.bytes::<24>());
        id.push('1');
        id
    }

    /// Returns an opaque text for secrets, codes and vectors.
    pub(crate) fn opaque<const N: usize>(&mut self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<N>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_from_the_seed() {
        assert_eq!(Random::stream(7, "orders").modern_id(), Random::stream(7, "orders").modern_id());
    }

    #[test]
    fn purposes_have_separate_sequences() {
        assert_ne!(Random::stream(7, "orders").next(), Random::stream(7, "carts").next());
    }

    #[test]
    fn ids_have_the_service_s_format() {
        let mut random = Random::new(1);
        let modern = random.modern_id();
        assert_eq!((modern.len(), modern.ends_with('1')), (33, true));
        assert!(random.twelve_hex().bytes().all(|byte| byte.is_ascii_hexdigit()));
    }

    #[test]
    fn probabilities_of_0_and_1_are_certain() {
        let mut random = Random::new(3);
        assert!((0..1000).all(|_| !random.chance(0.0) && random.chance(1.0)));
    }
}
