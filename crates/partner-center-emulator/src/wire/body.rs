//! Bodies of answers, whole or broken by a fault.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::clock::Clock;
use crate::connection::{Activity, Connection};

/// How an exchange ends when it doesn't end with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionFault {
    /// The connection was reset.
    #[error("the connection was reset")]
    Reset,
    /// No answer came for so long that the connection was given up.
    #[error("no answer came")]
    TimedOut,
}

/// The body of an answer of the emulator.
///
/// It ends with a [`ConnectionFault`] where a fault breaks it; over a socket that breaks the connection.
pub struct ResponseBody {
    rest: Bytes,
    /// How many of the bytes that were announced never come.
    withheld: usize,
    /// Whether everything before the break was given time to be sent.
    rested: bool,
    pace: Option<Pace>,
    /// The connection to break once the body is through.
    breaks: Option<Connection>,
    /// Keeps the connection marked as being at work until the body is through.
    activity: Option<Activity>,
}

/// A slow body: so many bytes, then a pause.
struct Pace {
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
        Self { rest: bytes, withheld: 0, rested: false, pace: None, breaks: None, activity: None }
    }

    /// Keeps back the second half, though the whole length is announced, and then breaks the connection.
    pub(crate) fn broken_in_the_middle(mut self, connection: Connection) -> Self {
        let sent = self.rest.len() / 2;
        self.withheld = self.rest.len() - sent;
        self.rest.truncate(sent);
        self.breaks = Some(connection);
        self
    }

    pub(crate) fn slowly(mut self, chunk: usize, pause: Duration, clock: Clock) -> Self {
        self.pace = Some(Pace { chunk: chunk.max(1), pause, clock, waiting: None });
        self
    }

    pub(crate) fn during(mut self, activity: Activity) -> Self {
        self.activity = Some(activity);
        self
    }

    /// Breaks the connection as soon as the whole body is sent.
    pub(crate) fn breaking(mut self, connection: Connection) -> Self {
        self.breaks = Some(connection);
        self
    }

    fn next_chunk(&mut self) -> Bytes {
        let size = self.pace.as_ref().map_or(self.rest.len(), |pace| pace.chunk.min(self.rest.len()));
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
        if let Some(pace) = &mut body.pace {
            if let Some(waiting) = &mut pace.waiting {
                std::task::ready!(waiting.as_mut().poll(context));
            }
            let (clock, pause) = (pace.clock.clone(), pace.pause);
            pace.waiting = Some(Box::pin(clock.sleep(pause)));
        }
        if !body.rest.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(body.next_chunk()))));
        }
        if !body.rested {
            body.rested = true;
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
        if let Some(connection) = &self.breaks {
            connection.break_after_flush();
        }
    }
}
