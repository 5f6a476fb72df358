//! A list as it arrives.

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

use super::elements::{BrokenText, Elements};
use super::{Collection, ListRequest, MOST_PARTS};
use crate::call::{Call, Id, Session};
use crate::error::CallContext;
use crate::link;
use crate::{Error, ErrorKind};

/// A list, element by element: a `Stream`, and by [`next`](Self::next) usable without one.
///
/// Nothing is sent before the first element is asked for. Until one was given out, a broken connection begins anew, as
/// often as calls are repeated; afterwards nothing is repeated. An error says which element it kept from being read
/// ([`Error::element_index`]) and ends the stream, unless it is asked to go [past it](Self::skip_invalid_items).
#[must_use = "a stream is read by asking for its elements"]
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
    /// Goes on behind an element that can't be decoded: its error is an element of the stream like others.
    pub fn skip_invalid_items(self) -> Self {
        self.progress().skip_invalid_items = true;
        self
    }

    /// The next element; none after the last one.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        self.elements.next().await
    }

    /// The link to the part that is being read, to begin there again with [`Call::starting_at`]; none for the first part.
    ///
    /// The service is documented to send orders in one part.
    pub fn resume_link(&self) -> Option<Link> {
        self.progress().part.clone()
    }

    /// How many elements the service says there are, once it has said so: after the part that says it.
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

/// A reader that has something to give, or waits for it.
enum Reading<L> {
    Ready(Box<Reader<L>>),
    Waiting(BoxFuture<'static, Advanced<L>>),
    Gone,
}

impl<L: ListRequest> Stream for Reading<L> {
    type Item = Result<L::Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match &mut *self {
                Self::Ready(reader) => {
                    match reader.next() {
                        Next::Given(element) => return Poll::Ready(Some(element)),
                        Next::Over => return Poll::Ready(None),
                        Next::Waits => {}
                    }
                    if let Self::Ready(mut reader) = std::mem::replace(&mut *self, Self::Gone) {
                        // A future each for what arrives, not for each element in it.
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
                Self::Gone => return Poll::Ready(None),
            }
        }
    }
}

/// A reader that has waited, and what came of it.
type Advanced<L> = (Box<Reader<L>>, Result<(), Error>);

/// What a reader has without waiting.
enum Next<T> {
    Given(Result<T, Error>),
    Waits,
    Over,
}

/// Reads a list part by part, and each part chunk by chunk.
struct Reader<L> {
    call: Call<L>,
    progress: Arc<Mutex<Progress>>,
    part: Part,
    /// Of the part that was begun last: restarts share its deadline, and all parts its correlation id.
    session: Option<Session>,
    /// How many elements were given out, or passed over.
    index: usize,
    parts: usize,
    breaks: u32,
}

enum Part {
    Ahead { id: Id, is_restart: bool },
    Arriving(Box<Arriving>),
    Over,
}

struct Arriving {
    context: CallContext,
    id: Id,
    bytes: ByteStream,
    elements: Elements,
}

impl<L: ListRequest> Reader<L> {
    fn new(call: Call<L>, progress: Arc<Mutex<Progress>>) -> Self {
        let part = Part::Ahead { id: Id::Calls, is_restart: false };
        Self { call, progress, part, session: None, index: 0, parts: 1, breaks: 0 }
    }

    fn next(&mut self) -> Next<L::Item> {
        let arriving = match &mut self.part {
            Part::Over => return Next::Over,
            Part::Ahead { .. } => return Next::Waits,
            Part::Arriving(arriving) => arriving,
        };
        match arriving.elements.next::<<L::Collection as Collection>::Element>() {
            Ok(Some(Ok(element))) => {
                self.index += 1;
                Next::Given(Ok(element.into()))
            }
            Ok(Some(Err(error))) => {
                let error = Error::of_invalid_element(error, arriving.context).at_element(self.index);
                self.index += 1;
                if !self.progress().skip_invalid_items {
                    self.part = Part::Over;
                }
                Next::Given(Err(error))
            }
            Ok(None) => Next::Waits,
            Err(broken) => {
                let error = broken_text(broken, arriving.context).at_element(self.index);
                self.part = Part::Over;
                Next::Given(Err(error))
            }
        }
    }

    /// Begins a part, waits for its next chunk, or goes on to the next part.
    async fn advance(&mut self) -> Result<(), Error> {
        // What fails is over; the rest is put back.
        match std::mem::replace(&mut self.part, Part::Over) {
            Part::Over => Ok(()),
            Part::Ahead { id, is_restart } => {
                let (session, request) = self.session(is_restart);
                let start = self.progress().part.clone();
                let opened = open(&session, request, start, id).await;
                self.part = Part::Arriving(Box::new(opened.map_err(|error| error.at_element(self.index))?));
                Ok(())
            }
            Part::Arriving(arriving) => self.arrive(arriving).await,
        }
    }

    /// What the next part is asked for with.
    fn session(&mut self, is_restart: bool) -> (Session, L) {
        let call = self.call.clone();
        let patience = call.usual_patience();
        let (fresh, request) = call.into_session(patience);
        let session = match self.session.take() {
            None => fresh,
            Some(session) if is_restart => session,
            Some(session) => session.begun_anew(),
        };
        self.session = Some(session.clone());
        (session, request)
    }

    /// Waits for the next chunk, or goes on to the next part.
    async fn arrive(&mut self, mut arriving: Box<Arriving>) -> Result<(), Error> {
        let Some(session) = &self.session else { return Ok(()) };
        let silence = session.shared().pipeline.limits.time;
        let failure = match tokio::time::timeout(silence, arriving.bytes.next()).await {
            Ok(Some(Ok(chunk))) => {
                arriving.elements.push(&chunk);
                self.part = Part::Arriving(arriving);
                return Ok(());
            }
            Ok(None) => return self.end_of_part(arriving.context, arriving.elements),
            Ok(Some(Err(error))) => error,
            Err(_) => TransportError::new(TransportErrorKind::Timeout),
        };
        let (context, id, pipeline) = (arriving.context, arriving.id, &session.shared().pipeline);
        self.breaks += 1;
        if self.index == 0 && self.breaks < pipeline.retry.most_attempts() {
            let wait = pipeline.wait_after(self.breaks);
            if session.wait(wait).await.is_ok() {
                tracing::debug!(breaks = self.breaks, "the list broke off before its first element; beginning anew");
                self.part = Part::Ahead { id, is_restart: true };
                return Ok(());
            }
        }
        let error = ApiError::Transport(failure.during(context.operation));
        Err(Error::of_call(error, context).at_element(self.index))
    }

    fn end_of_part(&mut self, context: CallContext, elements: Elements) -> Result<(), Error> {
        let rest = elements.into_rest().map_err(|broken| broken_text(broken, context).at_element(self.index))?;
        let collection: L::Collection =
            decode_payload(&rest).map_err(|error| Error::of_invalid_list(error, context).at_element(self.index))?;
        let (_, rest) = collection.take_apart();
        let mut progress = self.progress();
        progress.total_count = rest.total_count.or(progress.total_count);
        if let Some(next) = rest.next {
            progress.part = Some(next);
            drop(progress);
            self.parts += 1;
            if self.parts > MOST_PARTS {
                let what = "the list links to further parts without end";
                return Err(Error::own(ErrorKind::Other, what).during(context));
            }
            self.part = Part::Ahead { id: Id::Own, is_restart: false };
        }
        Ok(())
    }

    fn progress(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks for a part, the first one without a link.
async fn open<L: ListRequest>(
    session: &Session,
    mut request: L,
    start: Option<Link>,
    id: Id,
) -> Result<Arriving, Error> {
    *request.start() = None;
    let begun = session.begin(id, L::OPERATION);
    let answer = match start {
        Some(link) => link::stream(session, &begun, &link).await,
        None => request.streamed(begun.client()).await.map_err(|error| begun.error(error)),
    }?;
    let limit = session.shared().pipeline.limits.body;
    Ok(Arriving { context: begun.context(), id, bytes: answer.into_inner(), elements: Elements::new(limit) })
}

fn broken_text(broken: BrokenText, context: CallContext) -> Error {
    let kind = match broken {
        BrokenText::TooLong => ErrorKind::ResponseTooLarge,
        BrokenText::NoJson | BrokenText::Repeated => ErrorKind::InvalidResponse,
        BrokenText::Truncated => ErrorKind::Interrupted,
    };
    Error::own(kind, broken.to_string()).during(context)
}
