//! State that tasks share.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, whatever became of the holder before: state is changed in whole steps.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
