//! Where the crate's time and chance come from, so that tests can own both.

use std::fmt;
use std::time::SystemTime;

use uuid::Uuid;

/// Tells the time of day: when a token ends, what a date in `Retry-After` means.
///
/// Waits are measured with tokio's own clock, which tests pause; this one is for what other machines wrote down.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time now.
    fn now(&self) -> SystemTime;
}

/// The time of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// Gives random numbers: request ids, the spread of waits, the secret of a sign-in with PKCE.
///
/// An implementation for production must not be predictable.
pub trait Randomness: fmt::Debug + Send + Sync {
    /// 64 random bits.
    fn next_u64(&self) -> u64;

    /// A fresh version 4 UUID.
    fn new_id(&self) -> Uuid {
        let bytes = (u128::from(self.next_u64()) << 64) | u128::from(self.next_u64());
        uuid::Builder::from_random_bytes(bytes.to_be_bytes()).into_uuid()
    }
}

/// The randomness of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn next_u64(&self) -> u64 {
        // The fixed bits of a version 4 UUID never meet when its halves are folded, so all 64 bits are random.
        let (high, low) = Uuid::new_v4().as_u64_pair();
        high ^ low
    }

    fn new_id(&self) -> Uuid {
        Uuid::new_v4()
    }
}

/// A fraction from 0 up to, but not including, 1.
pub(crate) fn fraction(randomness: &dyn Randomness) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what an f64 holds exactly")]
    let bits = (randomness.next_u64() >> 11) as f64;
    bits / 9_007_199_254_740_992.0
}
