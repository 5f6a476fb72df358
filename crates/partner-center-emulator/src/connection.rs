//! The state of a connection that its socket and its requests share: whether it is active, and whether it is to be reset.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use tokio::sync::Notify;

const OPEN: u8 = 0;
const RESET_AFTER_FLUSH: u8 = 1;
const RESET: u8 = 2;
const CLOSED: u8 = 3;
const ENDED: u8 = 4;

/// A handle to a connection, shared by the socket and its requests.
///
/// In memory there is no connection, and the handle has no effect.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connection(Arc<State>);

#[derive(Debug)]
struct State {
    phase: AtomicU8,
    ended: Notify,
    begun: AtomicBool,
    requests: AtomicUsize,
    opened: Instant,
    /// Milliseconds from opening to the end of the last request.
    last_active: AtomicU64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            phase: AtomicU8::new(OPEN),
            ended: Notify::new(),
            begun: AtomicBool::new(false),
            requests: AtomicUsize::new(0),
            opened: Instant::now(),
            last_active: AtomicU64::new(0),
        }
    }
}

/// A request in progress on a connection, from its head to the end of its response.
#[derive(Debug)]
pub(crate) struct Activity(Connection);

impl Connection {
    /// Resets the connection immediately.
    pub(crate) fn reset_now(&self) {
        self.end(RESET);
    }

    /// Resets the connection once everything written so far is sent.
    pub(crate) fn reset_after_flush(&self) {
        self.0.phase.store(RESET_AFTER_FLUSH, Ordering::SeqCst);
    }

    /// Closes the connection gracefully.
    pub(crate) fn close(&self) {
        self.end(CLOSED);
    }

    fn end(&self, phase: u8) {
        self.0.phase.store(phase, Ordering::SeqCst);
        self.0.ended.notify_one();
    }

    /// Records that everything written is sent.
    pub(crate) fn flushed(&self) {
        if self.0.phase.load(Ordering::SeqCst) == RESET_AFTER_FLUSH {
            self.reset_now();
        }
    }

    /// Whether the connection ends with a reset.
    pub(crate) fn is_reset(&self) -> bool {
        self.0.phase.load(Ordering::SeqCst) == RESET
    }

    /// Records that the connection has ended.
    pub(crate) fn set_ended(&self) {
        self.0.phase.store(ENDED, Ordering::SeqCst);
    }

    /// Whether the connection is open and is not about to end.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.0.phase.load(Ordering::SeqCst), OPEN | RESET_AFTER_FLUSH)
    }

    /// Waits until the connection has to end.
    pub(crate) async fn ended(&self) {
        self.0.ended.notified().await;
    }

    /// Marks the connection as active.
    pub(crate) fn begin(&self) -> Activity {
        self.0.begun.store(true, Ordering::SeqCst);
        self.0.requests.fetch_add(1, Ordering::SeqCst);
        Activity(self.clone())
    }

    /// Whether any request was received.
    pub(crate) fn has_begun(&self) -> bool {
        self.0.begun.load(Ordering::SeqCst)
    }

    /// Returns the time since which the connection is idle; `None` if it is active.
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
