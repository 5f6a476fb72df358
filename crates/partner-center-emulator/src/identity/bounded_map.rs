//! A map that forgets its oldest entries.

use std::collections::{HashMap, VecDeque};

/// The largest number of entries. The oldest are removed first.
const MAX_ENTRIES: usize = 10_000;

/// A map that forgets its oldest entries.
#[derive(Debug)]
pub(super) struct BoundedMap<T> {
    pub(super) entries: HashMap<String, T>,
    order: VecDeque<String>,
}

impl<T> BoundedMap<T> {
    pub(super) fn new() -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new() }
    }

    pub(super) fn put(&mut self, key: String, value: T) {
        self.order.push_back(key.clone());
        self.entries.insert(key, value);
        while self.order.len() > MAX_ENTRIES {
            if let Some(oldest) = self.order.pop_front() {
                self.entries.remove(&oldest);
            }
        }
    }
}
