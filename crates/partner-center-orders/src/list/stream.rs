//! Lists that are read as they arrive.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use partner_center_orders_api::runtime::{
    ByteStream, Error as ApiError, TransportError, TransportErrorKind, decode_payload,
};
use partner_center_orders_api::types::Link;

use super::elements::{Elements, InvalidText};
use super::{Collection, ListRequest, MAX_PARTS};
use crate::call::{Call, Id, Session};
use crate::link;
use crate::transport::CallState;
use crate::{Error, ErrorKind};

/// A list, element by element: a `Stream`, with [`next`](Self::next) for code without stream utilities.
///
/// Nothing is sent before the first element is polled. Until the first element was returned, the list is started again after
/// a broken connection, as often as calls are retried; afterwards nothing is retried. An error has the index of the element
/// that could not be read ([`Error::element_index`]) and ends the stream, unless the stream
/// [skips invalid elements](Self::skip_invalid_items).
#[must_use = "a stream does nothing unless polled"]
pub struct ListStream<T> {
    elements: Pin<Box<dyn Stream<Item = Result<T, Error>> + Send>>,
    progress: Arc<Mutex<Progress>>,
}

#[derive(Debug, Default)]
struct Progress {
    skip_invalid_items: bool,
    part: Option<Link>,
    total_count: Option<i32>,
}

impl<T: Send + 'static> ListStream<T> {
    pub(super) fn new<L: ListRequest<Item = T>>(call: Call<L>) -> Self {
        let progress =
            Arc::new(Mutex::new(Progress { part: call.clone().request.start().clone(), ..Progress::default() }));
        let reader = Reader::new(call, Arc::clone(&progress));
        Self { elements: Box::pin(Reading::Ready(Box::new(reader))), progress }
    }
}

impl<T> ListStream<T> {
    /// Goes on after an element that can't be decoded: its error is an item of the stream like any other.
    pub fn skip_invalid_items(self) -> Self {
        self.progress().skip_invalid_items = true;
        self
    }

    /// The next element; `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        self.elements.next().await
    }

    /// The link to the part that is being read, to start there again with [`Call::starting_at`]; `None` for the first part.
    ///
    /// The service sends orders in one part (documented).
    pub fn resume_link(&self) -> Option<Link> {
        self.progress().part.clone()
    }

    /// The service's count of all elements, known after the part that contains it.
    pub fn total_count(&self) -> Option<i32> {
        self.progress().total_count
    }

    fn progress(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Stream for ListStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.elements.as_mut().poll_next(context)
    }
}

impl<T> fmt::Debug for ListStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListStream").field("progress", &self.progress()).finish_non_exhaustive()
    }
}

/// The state of the stream: its reader has elements, or waits for them.
enum Reading<L> {
    Ready(Box<Reader<L>>),
    Waiting(BoxFuture<'static, Advanced<L>>),
    Taken,
}

impl<L: ListRequest> Stream for Reading<L> {
    type Item = Result<L::Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match &mut *self {
                Self::Ready(reader) => {
                    match reader.next() {
                        Next::Item(element) => return Poll::Ready(Some(element)),
                        Next::Finished => return Poll::Ready(None),
                        Next::Pending => {}
                    }
                    if let Self::Ready(mut reader) = std::mem::replace(&mut *self, Self::Taken) {
                        // One future for each chunk, not for each element in it.
                        *self = Self::Waiting(Box::pin(async move {
                            let outcome = reader.advance().await;
                            (reader, outcome)
                        }));
                    }
                }
                Self::Waiting(future) => {
                    let (reader, outcome) = std::task::ready!(future.as_mut().poll(context));
                    *self = Self::Ready(reader);
                    if let Err(error) = outcome {
                        return Poll::Ready(Some(Err(error)));
                    }
                }
                Self::Taken => return Poll::Ready(None),
            }
        }
    }
}

/// A reader that has waited, and the result.
type Advanced<L> = (Box<Reader<L>>, Result<(), Error>);

/// The next element of a reader, if it has one without waiting.
enum Next<T> {
    Item(Result<T, Error>),
    Pending,
    Finished,
}

/// Reads a list part by part, and each part chunk by chunk.
struct Reader<L> {
    call: Call<L>,
    progress: Arc<Mutex<Progress>>,
    part: Part,
    /// The session of the latest part: restarts share its deadline, and all parts its correlation id.
    session: Option<Session>,
    /// The number of elements that were returned or skipped.
    index: usize,
    parts: usize,
    breaks: u32,
}

/// The state of the current part.
enum Part {
    NotStarted { id: Id, is_restart: bool },
    Arriving(Box<Arriving>),
    Finished,
}

struct Arriving {
    state: Arc<CallState>,
    id: Id,
    bytes: ByteStream,
    elements: Elements,
}

impl<L: ListRequest> Reader<L> {
    fn new(call: Call<L>, progress: Arc<Mutex<Progress>>) -> Self {
        let part = Part::NotStarted { id: Id::Calls, is_restart: false };
        Self { call, progress, part, session: None, index: 0, parts: 1, breaks: 0 }
    }

    fn next(&mut self) -> Next<L::Item> {
        let arriving = match &mut self.part {
            Part::Finished => return Next::Finished,
            Part::NotStarted { .. } => return Next::Pending,
            Part::Arriving(arriving) => arriving,
        };
        match arriving.elements.next::<<L::Collection as Collection>::Element>() {
            Ok(Some(Ok(element))) => {
                self.index += 1;
                Next::Item(Ok(element.into()))
            }
            Ok(Some(Err(error))) => {
                let error = Error::of_invalid_element(error, &arriving.state).at_element(self.index);
                self.index += 1;
                if !self.progress().skip_invalid_items {
                    self.part = Part::Finished;
                }
                Next::Item(Err(error))
            }
            Ok(None) => Next::Pending,
            Err(error) => {
                let error = invalid_text(error, &arriving.state).at_element(self.index);
                self.part = Part::Finished;
                Next::Item(Err(error))
            }
        }
    }

    /// Starts a part, waits for its next chunk, or goes on to the next part.
    async fn advance(&mut self) -> Result<(), Error> {
        // Finished if this fails; otherwise the part is put back.
        match std::mem::replace(&mut self.part, Part::Finished) {
            Part::Finished => Ok(()),
            Part::NotStarted { id, is_restart } => {
                let (session, request) = self.session(is_restart);
                let start = self.progress().part.clone();
                let opened = open(&session, request, start, id).await;
                self.part = Part::Arriving(Box::new(opened.map_err(|error| error.at_element(self.index))?));
                Ok(())
            }
            Part::Arriving(arriving) => self.arrive(arriving).await,
        }
    }

    /// The session and the request of the next part.
    fn session(&mut self, is_restart: bool) -> (Session, L) {
        let call = self.call.clone();
        let default_deadline = call.default_deadline();
        let (fresh, request) = call.into_session(default_deadline);
        let session = match self.session.take() {
            None => fresh,
            Some(session) if is_restart => session,
            Some(session) => session.with_new_deadline(),
        };
        self.session = Some(session.clone());
        (session, request)
    }

    /// Waits for the next chunk, or goes on to the next part.
    async fn arrive(&mut self, mut arriving: Box<Arriving>) -> Result<(), Error> {
        let Some(session) = &self.session else { return Ok(()) };
        let silence = session.shared().limits.time;
        let failure = match tokio::time::timeout(silence, arriving.bytes.next()).await {
            Ok(Some(Ok(chunk))) => {
                arriving.elements.push(&chunk);
                self.part = Part::Arriving(arriving);
                return Ok(());
            }
            Ok(None) => return self.end_of_part(&arriving.state, arriving.elements),
            Ok(Some(Err(error))) => error,
            Err(_) => TransportError::new(TransportErrorKind::Timeout),
        };
        let (state, id, shared) = (&*arriving.state, arriving.id, session.shared());
        self.breaks += 1;
        if self.index == 0 && self.breaks < shared.retry.most_attempts() {
            let delay = shared.backoff(self.breaks);
            if session.wait(delay).await.is_ok() {
                tracing::debug!(breaks = self.breaks, "the list broke off before its first element; starting again");
                self.part = Part::NotStarted { id, is_restart: true };
                return Ok(());
            }
        }
        let error = ApiError::Transport(failure.during(state.operation));
        Err(Error::of_call(error, state).at_element(self.index))
    }

    fn end_of_part(&mut self, state: &CallState, elements: Elements) -> Result<(), Error> {
        let rest = elements.into_rest().map_err(|error| invalid_text(error, state).at_element(self.index))?;
        let collection: L::Collection =
            decode_payload(&rest).map_err(|error| Error::of_invalid_list(error, state).at_element(self.index))?;
        let (_, rest) = collection.take_apart();
        let mut progress = self.progress();
        progress.total_count = rest.total_count.or(progress.total_count);
        if let Some(next) = rest.next {
            progress.part = Some(next);
            drop(progress);
            self.parts += 1;
            if self.parts > MAX_PARTS {
                let message = "the list links to further parts without end";
                return Err(Error::own(ErrorKind::Other, message).during(state));
            }
            self.part = Part::NotStarted { id: Id::Own, is_restart: false };
        }
        Ok(())
    }

    fn progress(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Requests a part, the first one without a link.
async fn open<L: ListRequest>(
    session: &Session,
    mut request: L,
    start: Option<Link>,
    id: Id,
) -> Result<Arriving, Error> {
    *request.start() = None;
    let state = session.begin(id, L::OPERATION);
    let response = match start {
        Some(link) => link::stream(&state, &link).await,
        None => request.streamed(state.client()).await.map_err(|error| Error::of_call(error, &state)),
    }?;
    let limit = session.shared().limits.body;
    Ok(Arriving { state, id, bytes: response.into_inner(), elements: Elements::new(limit) })
}

fn invalid_text(error: InvalidText, state: &CallState) -> Error {
    let kind = match error {
        InvalidText::TooLong => ErrorKind::ResponseTooLarge,
        InvalidText::Syntax | InvalidText::Repeated => ErrorKind::InvalidResponse,
        InvalidText::Truncated => ErrorKind::Interrupted,
    };
    Error::own(kind, error.to_string()).during(state)
}
