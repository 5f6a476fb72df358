//! Calls: what is requested, and the options of the request.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::lazy;
use futures_util::{FutureExt as _, TryFutureExt as _};
use partner_center_orders_api::runtime::{CallOptions, Error as ApiError, ResponseValue, SharedTransport, Transport};
use partner_center_orders_api::types::Fault;
use partner_center_orders_api::{Client, Operation};
use uuid::Uuid;

use crate::age::Age;
use crate::clock::new_ids;
use crate::error::PendingWrite;
use crate::transport::{CallState, Deadline, Ids, Progress, Shared};
use crate::{BoxFuture, Error, Response};

/// A call that is described but not yet made; awaiting it makes it.
///
/// Options of every call are set by the methods below; options of one operation, such as `include_price`, are methods for that
/// operation only.
///
/// ```
/// use std::time::Duration;
/// # use partner_center_orders::{Error, PartnerCenter};
///
/// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
/// let orders = partner.customer(customer_id).orders();
/// let order = orders.get("5cf72f146967").include_price().deadline(Duration::from_secs(20)).locale("de-DE").await?;
/// # Ok(()) }
/// ```
#[must_use = "a call is made by awaiting it"]
#[derive(Clone)]
pub struct Call<R> {
    shared: Arc<Shared>,
    options: CallOptions,
    /// The write that is resumed. Boxed, as it is rare.
    pub(crate) resumed: Option<Box<PendingWrite>>,
    pub(crate) request: R,
}

/// A request that a [`Call`] makes.
///
/// Implemented by the types of [`requests`](crate::requests); nothing else can implement it.
pub trait Request: sealed::Request {}

impl<R: sealed::Request> Request for R {}

pub(crate) mod sealed {
    use std::time::Duration;

    use super::Session;
    use crate::{Error, Response};

    /// The implementation of a request.
    pub trait Request: Send + 'static {
        /// The value of a successful response.
        type Output: Send;

        /// The request as its caller knows it, where it takes several operations or one of another name.
        fn name(&self) -> Option<&'static str> {
            None
        }

        /// The deadline of calls that set none, given the client's.
        fn default_deadline(&self, of_client: Option<Duration>) -> Option<Duration> {
            of_client
        }

        /// Makes the request: calls one operation, or several.
        fn run(self, session: Session) -> impl Future<Output = Result<Response<Self::Output>, Error>> + Send;
    }
}

impl<R> Call<R> {
    pub(crate) fn new(shared: Arc<Shared>, request: R) -> Self {
        Self { shared, options: CallOptions::new(), resumed: None, request }
    }

    /// Sets how long the call may take in all, backoff, attempts and the response's body included.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// Sets the language of texts in the response (`X-Locale`), such as `en-US`.
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.options.locale = Some(locale.into());
        self
    }

    /// Sets the `MS-RequestId`, by which the service recognises a repeated write. By default each call gets a new one.
    ///
    /// In a call of several requests, the one that writes carries it.
    pub fn request_id(mut self, id: Uuid) -> Self {
        self.options.request_id = Some(id);
        self
    }

    /// Sets the `MS-CorrelationId`, which relates calls to each other. By default each call gets a new one.
    pub fn correlation_id(mut self, id: Uuid) -> Self {
        self.options.correlation_id = Some(id);
        self
    }

    /// Changes the request.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut R)) -> Self {
        change(&mut self.request);
        self
    }

    /// Begins the call: its deadline counts from now, that one unless the call sets its own.
    pub(crate) fn into_session(self, default_deadline: Option<Duration>) -> (Session, R) {
        let Self { shared, options, resumed, request } = self;
        let ids = Ids::of(&options, &*shared.random_source);
        let deadline = Deadline::after(options.deadline.or(default_deadline));
        (Session { shared, options, ids, deadline, resumed }, request)
    }

    /// The client's deadline for calls that set none.
    pub(crate) fn default_deadline(&self) -> Option<Duration> {
        self.shared.deadline
    }
}

impl<R: Request> Call<R> {
    /// Makes the call, as awaiting it does.
    ///
    /// # Errors
    ///
    /// When no response came, or an error response.
    pub fn send(self) -> impl Future<Output = Result<Response<R::Output>, Error>> + Send {
        // Nothing begins before it is awaited, not even the deadline. No `async` block: it would hold the call three times.
        lazy(move |_| {
            let default_deadline = self.request.default_deadline(self.default_deadline());
            let (session, request) = self.into_session(default_deadline);
            let resumed = session.resumed.clone();
            let name = request.name();
            request.run(session).map_err(move |error| match resumed {
                Some(pending_write) if !error.settles_resumed() => error.leaving(*pending_write).of_request(name),
                _ => error.of_request(name),
            })
        })
        .flatten()
    }
}

impl<R: Request> IntoFuture for Call<R> {
    type Output = Result<Response<R::Output>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<R: fmt::Debug> fmt::Debug for Call<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("request", &self.request).field("options", &self.options).finish_non_exhaustive()
    }
}

/// A call that is being made. It may call several operations, each with a [`CallState`] of its own; they share correlation id,
/// locale and deadline.
#[derive(Clone, Debug)]
pub struct Session {
    shared: Arc<Shared>,
    options: CallOptions,
    ids: Ids,
    deadline: Deadline,
    resumed: Option<Box<PendingWrite>>,
}

/// Which request id an operation is called with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Id {
    /// The call's: this is the operation that the call is about.
    Calls,
    /// A new one: the operation only prepares or checks.
    Own,
}

impl Session {
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// The id of the call's write.
    pub(crate) fn request_id(&self) -> Uuid {
        self.ids.request
    }

    /// The write that is resumed.
    pub(crate) fn resumes(&self) -> Option<&PendingWrite> {
        self.resumed.as_deref()
    }

    /// The age of the call's write since it was first sent, as far as is known now.
    pub(crate) fn age(&self) -> Age {
        let clock = &*self.shared.clock;
        match self.resumes() {
            None => Age::zero(clock),
            Some(PendingWrite { age: Some(age), .. }) => *age,
            Some(resumed) => Age::since(resumed.first_sent_at, clock, self.shared.service_time()),
        }
    }

    /// Tries to learn the service's time, which shows how old a write is that another process began. Any response does, one of
    /// the token endpoint included.
    pub(crate) async fn learn_time(&self) {
        if self.resumes().is_some_and(|resumed| resumed.age.is_none()) && self.shared.service_time().is_none() {
            let bearer = self.shared.tokens.bearer();
            // If there is no token, the call itself reports it.
            drop(self.deadline.bound(bearer).await);
        }
    }

    /// The time by which this machine's clock is ahead of the service's, as far as is known.
    pub(crate) fn ahead(&self) -> Duration {
        let service_time = self.shared.service_time();
        service_time
            .and_then(|service_time| self.shared.clock.now().duration_since(service_time.earliest).ok())
            .unwrap_or_default()
    }

    /// Whether the deadline allows that much time.
    pub(crate) fn can_wait(&self, delay: Duration) -> bool {
        self.deadline.allows(delay)
    }

    /// The output of the future, or nothing if the deadline comes first.
    pub(crate) async fn in_time<F: Future>(&self, future: F) -> Option<F::Output> {
        self.deadline.bound(future).await
    }

    /// The same call with its deadline counted from now, for a further part of a list.
    pub(crate) fn with_new_deadline(mut self) -> Self {
        self.deadline = Deadline::after(self.options.deadline.or(self.shared.deadline));
        self
    }

    /// Waits, unless the deadline comes first: then it returns immediately.
    pub(crate) async fn wait(&self, delay: Duration) -> Result<(), DeadlineTooEarly> {
        if !self.can_wait(delay) {
            return Err(DeadlineTooEarly);
        }
        tokio::time::sleep(delay).await;
        Ok(())
    }

    /// Calls the operation that the call is about.
    pub(crate) async fn call<T, F>(
        &self,
        operation: Operation,
        send: impl FnOnce(Client) -> F,
    ) -> Result<Response<T>, Error>
    where
        F: Future<Output = Result<ResponseValue<T>, ApiError<Fault>>>,
    {
        self.begin(Id::Calls, operation).call(send).await
    }

    /// Creates the state of an operation that is about to be called.
    pub(crate) fn begin(&self, id: Id, operation: Operation) -> Arc<CallState> {
        let shared = &self.shared;
        let (request, age, resumed) = match id {
            Id::Calls => (self.ids.request, self.age(), self.resumes()),
            Id::Own => {
                let [id] = new_ids(&*shared.random_source);
                (id, Age::zero(&*shared.clock), None)
            }
        };
        Arc::new(CallState {
            shared: Arc::clone(shared),
            operation,
            ids: Ids { request, correlation: self.ids.correlation },
            locale: self.options.locale.clone(),
            deadline: self.deadline,
            age,
            resumed_from: resumed.map(|resumed| resumed.first_sent_at),
            progress: Progress::default(),
        })
    }
}

impl CallState {
    /// Creates a generated client for the one call that this is the state of.
    pub(crate) fn client(self: &Arc<Self>) -> Client {
        let transport = SharedTransport::shared(Arc::clone(self) as Arc<dyn Transport>);
        Client::new(self.shared.base_url(), transport)
    }

    /// Calls the operation with a generated client, and takes over how it ended.
    pub(crate) async fn call<T, F>(self: &Arc<Self>, send: impl FnOnce(Client) -> F) -> Result<Response<T>, Error>
    where
        F: Future<Output = Result<ResponseValue<T>, ApiError<Fault>>>,
    {
        // Boxed, as generated calls hold whole payloads.
        match Box::pin(send(self.client())).await {
            Ok(response) => Ok(Response::new(response, self)),
            Err(error) => Err(Error::of_call(error, self)),
        }
    }
}

/// The deadline of the call comes before the end of the delay.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeadlineTooEarly;
