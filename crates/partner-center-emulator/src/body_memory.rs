//! The memory of the bodies of all requests that are being received or processed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Counts the bytes of the bodies in memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct BodyMemory(Arc<State>);

#[derive(Debug, Default)]
struct State {
    held: AtomicUsize,
    rejected: AtomicU64,
}

/// The bytes of one body, released on drop.
#[derive(Debug)]
pub(crate) struct Held {
    all: BodyMemory,
    bytes: usize,
}

impl BodyMemory {
    /// Returns the count of a new body, of which nothing is held yet.
    pub(crate) fn begin(&self) -> Held {
        Held { all: self.clone(), bytes: 0 }
    }

    /// Returns how many bodies exceeded the limit.
    pub(crate) fn rejected(&self) -> u64 {
        self.0.rejected.load(Ordering::SeqCst)
    }
}

impl Held {
    /// Adds bytes; returns false if all bodies together would exceed `limit`.
    pub(crate) fn grow(&mut self, bytes: usize, limit: usize) -> bool {
        let grown = |held: usize| held.checked_add(bytes).filter(|held| *held <= limit);
        let is_within = self.all.0.held.fetch_update(Ordering::SeqCst, Ordering::SeqCst, grown).is_ok();
        if is_within {
            self.bytes += bytes;
        } else {
            self.all.0.rejected.fetch_add(1, Ordering::SeqCst);
        }
        is_within
    }

    /// Releases all bytes.
    pub(crate) fn release(&mut self) {
        self.all.0.held.fetch_sub(std::mem::take(&mut self.bytes), Ordering::SeqCst);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_share_the_limit_and_release_their_bytes() {
        let memory = BodyMemory::default();
        let (mut one, mut other) = (memory.begin(), memory.begin());
        assert!(one.grow(6, 10) && other.grow(4, 10));
        assert!(!one.grow(1, 10) && !other.grow(usize::MAX, 10));
        drop(one);
        assert!(other.grow(6, 10));
        other.release();
        assert!(memory.begin().grow(10, 10));
        assert_eq!(memory.rejected(), 2);
    }
}
