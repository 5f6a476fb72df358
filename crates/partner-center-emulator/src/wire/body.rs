//! Bodies of responses, whole or interrupted by a fault.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::clock::Clock;
use crate::connection::{Activity, Connection};

/// The way in which a fault ends an exchange without a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionFault {
    /// The connection was reset.
    #[error("the connection was reset")]
    Reset,
    /// There was no response until the connection was closed.
    #[error("no response was received")]
    TimedOut,
}

/// The body of a response of the emulator.
///
/// It ends with a [`ConnectionFault`] where a fault interrupts it; over a socket, the connection is reset.
pub struct ResponseBody {
    rest: Bytes,
    /// How many of the announced bytes are never sent.
    withheld: usize,
    /// Whether the task has yielded once, so that everything before the reset is sent.
    has_yielded: bool,
    drip: Option<Drip>,
    /// The connection to reset once the body is sent.
    reset: Option<Connection>,
    /// Marks the connection as active until the body is sent.
    activity: Option<Activity>,
}

/// A slow body: a number of bytes, then a pause.
struct Drip {
    chunk: usize,
    pause: Duration,
    clock: Clock,
    waiting: Option<Pin<Box<dyn Future<Output = ()> + Send + Sync>>>,
}

impl std::fmt::Debug for ResponseBody {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ResponseBody")
            .field("rest", &self.rest.len())
            .field("withheld", &self.withheld)
            .finish_non_exhaustive()
    }
}

impl ResponseBody {
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self { rest: bytes, withheld: 0, has_yielded: false, drip: None, reset: None, activity: None }
    }

    /// Sends the first half only, though the whole length is announced, and then resets the connection.
    pub(crate) fn reset_in_the_middle(mut self, connection: Connection) -> Self {
        let sent = self.rest.len() / 2;
        self.withheld = self.rest.len() - sent;
        self.rest.truncate(sent);
        self.reset = Some(connection);
        self
    }

    pub(crate) fn slowly(mut self, chunk: usize, pause: Duration, clock: Clock) -> Self {
        self.drip = Some(Drip { chunk: chunk.max(1), pause, clock, waiting: None });
        self
    }

    pub(crate) fn during(mut self, activity: Activity) -> Self {
        self.activity = Some(activity);
        self
    }

    /// Resets the connection as soon as the whole body is sent.
    pub(crate) fn reset_after(mut self, connection: Connection) -> Self {
        self.reset = Some(connection);
        self
    }

    fn next_chunk(&mut self) -> Bytes {
        let size = self.drip.as_ref().map_or(self.rest.len(), |drip| drip.chunk.min(self.rest.len()));
        self.rest.split_to(size)
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = ConnectionFault;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ConnectionFault>>> {
        let body = self.get_mut();
        if body.is_end_stream() {
            return Poll::Ready(None);
        }
        if let Some(drip) = &mut body.drip {
            if let Some(waiting) = &mut drip.waiting {
                std::task::ready!(waiting.as_mut().poll(context));
            }
            let (clock, pause) = (drip.clock.clone(), drip.pause);
            drip.waiting = Some(Box::pin(clock.sleep(pause)));
        }
        if !body.rest.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(body.next_chunk()))));
        }
        if !body.has_yielded {
            body.has_yielded = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(ConnectionFault::Reset)))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.withheld == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact((self.rest.len() + self.withheld) as u64)
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        if let Some(connection) = &self.reset {
            connection.reset_after_flush();
        }
    }
}
