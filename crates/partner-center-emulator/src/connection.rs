//! What a fault may do to the connection that a request came over.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::Notify;

const WHOLE: u8 = 0;
const BREAKS_AFTER_FLUSH: u8 = 1;
const BROKEN: u8 = 2;

/// A handle to a connection, shared by the socket and the requests that come over it.
///
/// In memory there is no connection; then it has no effect.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connection(Arc<State>);

#[derive(Debug, Default)]
struct State {
    fate: AtomicU8,
    broken: Notify,
}

impl Connection {
    /// Breaks the connection at once.
    pub(crate) fn break_now(&self) {
        self.0.fate.store(BROKEN, Ordering::SeqCst);
        self.0.broken.notify_one();
    }

    /// Breaks the connection once everything written so far is sent.
    pub(crate) fn break_after_flush(&self) {
        self.0.fate.store(BREAKS_AFTER_FLUSH, Ordering::SeqCst);
    }

    /// Says that everything written is sent.
    pub(crate) fn flushed(&self) {
        if self.0.fate.load(Ordering::SeqCst) == BREAKS_AFTER_FLUSH {
            self.break_now();
        }
    }

    /// Whether the connection is to end with a reset rather than in order.
    pub(crate) fn is_broken(&self) -> bool {
        self.0.fate.load(Ordering::SeqCst) == BROKEN
    }

    /// Waits until the connection is to be broken.
    pub(crate) async fn broken(&self) {
        self.0.broken.notified().await;
    }
}
