//! What requests and the socket know of each other: whether the connection is at work, and whether it is to be broken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use tokio::sync::Notify;

const WHOLE: u8 = 0;
const BREAKS_AFTER_FLUSH: u8 = 1;
const BROKEN: u8 = 2;
const CLOSED: u8 = 3;
const GONE: u8 = 4;

/// A handle to a connection, shared by the socket and the requests that come over it.
///
/// In memory there is no connection; then it has no effect.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connection(Arc<State>);

#[derive(Debug)]
struct State {
    fate: AtomicU8,
    ended: Notify,
    begun: AtomicBool,
    requests: AtomicUsize,
    opened: Instant,
    /// Milliseconds from opening to the last sign of life.
    last_active: AtomicU64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            fate: AtomicU8::new(WHOLE),
            ended: Notify::new(),
            begun: AtomicBool::new(false),
            requests: AtomicUsize::new(0),
            opened: Instant::now(),
            last_active: AtomicU64::new(0),
        }
    }
}

/// A request at work on a connection, from its head to the end of its answer.
#[derive(Debug)]
pub(crate) struct Activity(Connection);

impl Connection {
    /// Breaks the connection at once.
    pub(crate) fn break_now(&self) {
        self.end(BROKEN);
    }

    /// Breaks the connection once everything written so far is sent.
    pub(crate) fn break_after_flush(&self) {
        self.0.fate.store(BREAKS_AFTER_FLUSH, Ordering::SeqCst);
    }

    /// Closes the connection in order.
    pub(crate) fn close(&self) {
        self.end(CLOSED);
    }

    fn end(&self, fate: u8) {
        self.0.fate.store(fate, Ordering::SeqCst);
        self.0.ended.notify_one();
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

    /// Says that the connection has ended.
    pub(crate) fn ended_for_good(&self) {
        self.0.fate.store(GONE, Ordering::SeqCst);
    }

    /// Whether the connection is still there and isn't to end.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.0.fate.load(Ordering::SeqCst), WHOLE | BREAKS_AFTER_FLUSH)
    }

    /// Waits until the connection is to end.
    pub(crate) async fn ended(&self) {
        self.0.ended.notified().await;
    }

    /// Marks the connection as being at work.
    pub(crate) fn begin(&self) -> Activity {
        self.0.begun.store(true, Ordering::SeqCst);
        self.0.requests.fetch_add(1, Ordering::SeqCst);
        Activity(self.clone())
    }

    /// Whether any request has come.
    pub(crate) fn has_begun(&self) -> bool {
        self.0.begun.load(Ordering::SeqCst)
    }

    /// Since when the connection has been idle; `None` if it is at work.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        let is_idle = self.0.requests.load(Ordering::SeqCst) == 0;
        let last_active = std::time::Duration::from_millis(self.0.last_active.load(Ordering::SeqCst));
        is_idle.then(|| self.0.opened + last_active)
    }
}

impl Drop for Activity {
    fn drop(&mut self) {
        let state = &self.0.0;
        let age = u64::try_from(state.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        state.last_active.store(age, Ordering::SeqCst);
        state.requests.fetch_sub(1, Ordering::SeqCst);
    }
}
