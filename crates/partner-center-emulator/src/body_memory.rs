//! How much memory the bodies of all requests take that are on their way in or at work.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Counts the bytes of bodies that are held.
#[derive(Clone, Debug, Default)]
pub(crate) struct BodyMemory(Arc<State>);

#[derive(Debug, Default)]
struct State {
    held: AtomicUsize,
    refused: AtomicU64,
}

/// The bytes of one body; given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    all: BodyMemory,
    bytes: usize,
}

impl BodyMemory {
    /// Begins with a body, of which nothing is held yet.
    pub(crate) fn begin(&self) -> Held {
        Held { all: self.clone(), bytes: 0 }
    }

    /// How many bodies there was no room for.
    pub(crate) fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::SeqCst)
    }
}

impl Held {
    /// Takes room for so many bytes more; false if all bodies together would then take more than `limit`.
    pub(crate) fn grow(&mut self, bytes: usize, limit: usize) -> bool {
        let grown = |held: usize| held.checked_add(bytes).filter(|held| *held <= limit);
        let fits = self.all.0.held.fetch_update(Ordering::SeqCst, Ordering::SeqCst, grown).is_ok();
        if fits {
            self.bytes += bytes;
        } else {
            self.all.0.refused.fetch_add(1, Ordering::SeqCst);
        }
        fits
    }

    /// Gives back all that is held.
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
    fn bodies_share_the_limit_and_give_back_what_they_held() {
        let memory = BodyMemory::default();
        let (mut one, mut other) = (memory.begin(), memory.begin());
        assert!(one.grow(6, 10) && other.grow(4, 10));
        assert!(!one.grow(1, 10) && !other.grow(usize::MAX, 10));
        drop(one);
        assert!(other.grow(6, 10));
        other.release();
        assert!(memory.begin().grow(10, 10));
        assert_eq!(memory.refused(), 2);
    }
}
