//! A call on its way: what is asked, and how it wants to be asked.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::lazy;
use futures_util::{FutureExt as _, TryFutureExt as _};
use partner_center_orders_api::runtime::{
    BodyKind, CallOptions, Error as ApiError, OperationInfo, RawResponse, ResponseValue, SharedTransport,
    TransportError,
};
use partner_center_orders_api::types::Fault;
use partner_center_orders_api::{Client, Operation};
use tokio::time::Instant;
use uuid::Uuid;

use crate::age::Age;
use crate::clock::new_ids;
use crate::error::{CallContext, PendingWrite};
use crate::partner_center::Shared;
use crate::transport::{CallExchange, Deadline, Ids, Pipeline};
use crate::{BoxFuture, Error, ErrorKind, Response};

/// A call that was described but not made yet: awaiting it makes it.
///
/// What belongs to every call is set here; what belongs to one operation, such as `include_price`, is there for that
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
    /// Of a resumed write: what was known of it. Boxed, as it is rare.
    pub(crate) resumed: Option<Box<PendingWrite>>,
    pub(crate) request: R,
}

/// What can be called.
///
/// Implemented by the types of [`requests`](crate::requests); nothing else can implement it.
pub trait Request: sealed::Request {}

impl<R: sealed::Request> Request for R {}

pub(crate) mod sealed {
    use std::time::Duration;

    use super::Session;
    use crate::{Error, Response};

    /// How a request is carried out.
    pub trait Request: Send + 'static {
        /// What a success gives.
        type Output: Send;

        /// How long the call may take if nobody says, given what other calls may take.
        fn patience(&self, usual: Option<Duration>) -> Option<Duration> {
            usual
        }

        /// Carries it out, in one exchange or several.
        fn run(self, session: Session) -> impl Future<Output = Result<Response<Self::Output>, Error>> + Send;
    }
}

impl<R> Call<R> {
    pub(crate) fn new(shared: Arc<Shared>, request: R) -> Self {
        Self { shared, options: CallOptions::new(), resumed: None, request }
    }

    /// How long the call may take in all: waits, tries and the answer's body.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// The language of texts in the answer (`X-Locale`), such as `en-US`.
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.options.locale = Some(locale.into());
        self
    }

    /// The `MS-RequestId`, by which the service knows a repeated write. Without it, each call gets a fresh one.
    ///
    /// Of a call in several steps, the step that writes carries it.
    pub fn request_id(mut self, id: Uuid) -> Self {
        self.options.request_id = Some(id);
        self
    }

    /// The `MS-CorrelationId`, which ties calls of one undertaking together. Without it, each call gets a fresh one.
    pub fn correlation_id(mut self, id: Uuid) -> Self {
        self.options.correlation_id = Some(id);
        self
    }

    /// Changes the request.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut R)) -> Self {
        change(&mut self.request);
        self
    }

    /// The request, and what it is carried out with.
    pub(crate) fn into_session(self, patience: Option<Duration>) -> (Session, R) {
        let ids = Ids::of(&self.options, &*self.shared.pipeline.random_source);
        let ends_at = self.options.deadline.or(patience).and_then(|deadline| Instant::now().checked_add(deadline));
        let Self { shared, options, resumed, request } = self;
        (Session { shared, options, ids, ends_at, resumed }, request)
    }

    /// How long a call may take if nobody says.
    pub(crate) fn usual_patience(&self) -> Option<Duration> {
        self.shared.pipeline.deadline
    }
}

impl<R: Request> Call<R> {
    /// Makes the call, as awaiting it does.
    ///
    /// # Errors
    ///
    /// When no answer came, or a refusal.
    pub fn send(self) -> impl Future<Output = Result<Response<R::Output>, Error>> + Send {
        // Nothing begins, the deadline neither, before it is awaited. No `async` block: it would hold the call three times.
        lazy(move |_| {
            let patience = self.request.patience(self.usual_patience());
            let (session, request) = self.into_session(patience);
            let resumed = session.resumed.clone();
            request.run(session).map_err(move |error| match resumed {
                Some(pending_write) if !error.settles_resumed() => error.leaving(*pending_write),
                _ => error,
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

/// A call that is being made: its exchanges share correlation id, locale and deadline.
#[derive(Clone, Debug)]
pub struct Session {
    shared: Arc<Shared>,
    options: CallOptions,
    ids: Ids,
    ends_at: Option<Instant>,
    resumed: Option<Box<PendingWrite>>,
}

/// Whose request id an exchange carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Id {
    /// The call's: this is the exchange that it is about.
    Calls,
    /// One of its own: it only prepares or checks.
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

    /// Of a resumed write: what was known of it.
    pub(crate) fn resumes(&self) -> Option<&PendingWrite> {
        self.resumed.as_deref()
    }

    /// How long ago the call's write was first sent, as far as that is known now.
    pub(crate) fn age(&self) -> Age {
        let Pipeline { clock, service_time, .. } = &*self.shared.pipeline;
        match self.resumes() {
            None => Age::zero(&**clock),
            Some(PendingWrite { age: Some(age), .. }) => *age,
            Some(resumed) => Age::since(resumed.first_sent_at, &**clock, service_time.now(&**clock)),
        }
    }

    /// Tries to learn the service's time, which shows how old a write is that another process began: any response does,
    /// that to authenticating included.
    pub(crate) async fn learn_time(&self) {
        let Pipeline { clock, service_time, .. } = &*self.shared.pipeline;
        if self.resumes().is_some_and(|resumed| resumed.age.is_none()) && service_time.now(&**clock).is_none() {
            let bearer = self.shared.tokens.bearer();
            // Without a token, the call itself will say so.
            drop(Deadline::at(self.ends_at).bound(bearer).await);
        }
    }

    /// How far this machine's clock is ahead of the service's, as far as that is known.
    pub(crate) fn ahead(&self) -> Duration {
        let Pipeline { clock, service_time, .. } = &*self.shared.pipeline;
        let services = service_time.now(&**clock);
        services.and_then(|services| clock.now().duration_since(services.earliest).ok()).unwrap_or_default()
    }

    /// Whether the deadline leaves that much time.
    pub(crate) fn can_wait(&self, wait: Duration) -> bool {
        self.ends_at.is_none_or(|ends_at| Instant::now().checked_add(wait).is_some_and(|end| end < ends_at))
    }

    /// The output of the future, or nothing when the deadline comes first.
    pub(crate) async fn in_time<F: Future>(&self, future: F) -> Option<F::Output> {
        match self.ends_at {
            Some(ends_at) => tokio::time::timeout_at(ends_at, future).await.ok(),
            None => Some(future.await),
        }
    }

    /// The same call with its deadline counted from now, as a further part of a list begins.
    pub(crate) fn begun_anew(mut self) -> Self {
        let deadline = self.options.deadline.or(self.shared.pipeline.deadline);
        self.ends_at = deadline.and_then(|deadline| Instant::now().checked_add(deadline));
        self
    }

    /// Waits, unless the deadline comes first: then it says so at once.
    pub(crate) async fn wait(&self, wait: Duration) -> Result<(), DeadlineComes> {
        if !self.can_wait(wait) {
            return Err(DeadlineComes);
        }
        tokio::time::sleep(wait).await;
        Ok(())
    }

    /// The exchange that the call is about.
    pub(crate) async fn exchange<T, F>(
        &self,
        operation: Operation,
        send: impl FnOnce(Client) -> F,
    ) -> Result<Response<T>, Error>
    where
        F: Future<Output = Result<ResponseValue<T>, ApiError<Fault>>>,
    {
        self.begin(Id::Calls, operation).exchange(send).await
    }

    /// An exchange beside the one that the call is about.
    pub(crate) async fn aside<T, F>(
        &self,
        operation: Operation,
        send: impl FnOnce(Client) -> F,
    ) -> Result<Response<T>, Error>
    where
        F: Future<Output = Result<ResponseValue<T>, ApiError<Fault>>>,
    {
        self.begin(Id::Own, operation).exchange(send).await
    }

    /// Begins one exchange.
    pub(crate) fn begin(&self, id: Id, operation: Operation) -> Begun<'_> {
        let pipeline = &self.shared.pipeline;
        let (request, age, resumed) = match id {
            Id::Calls => (self.ids.request, self.age(), self.resumes()),
            Id::Own => {
                let [id] = new_ids(&*pipeline.random_source);
                (id, Age::zero(&*pipeline.clock), None)
            }
        };
        let ids = Ids { request, correlation: self.ids.correlation };
        let deadline = Deadline::at(self.ends_at);
        let exchange = CallExchange::new(Arc::clone(pipeline), age, resumed.is_some(), deadline);
        Begun { session: self, exchange, ids, operation, age, resumed }
    }
}

/// The deadline of the call comes before a wait would end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeadlineComes;

/// One exchange that was begun.
pub(crate) struct Begun<'a> {
    session: &'a Session,
    exchange: CallExchange,
    ids: Ids,
    operation: Operation,
    age: Age,
    /// The write that this goes on with.
    resumed: Option<&'a PendingWrite>,
}

impl Begun<'_> {
    /// A generated client whose one call goes through the pipeline.
    pub(crate) fn client(&self) -> Client {
        let shared = &self.session.shared;
        let transport = SharedTransport::new(self.exchange.clone()).with_call(self.options());
        Client::new_with_client(shared.base_url(), shared.http.clone(), transport)
    }

    fn options(&self) -> CallOptions {
        self.session.options.clone().request_id(self.ids.request).correlation_id(self.ids.correlation)
    }

    /// Makes a generated call.
    pub(crate) async fn exchange<T, F>(&self, send: impl FnOnce(Client) -> F) -> Result<Response<T>, Error>
    where
        F: Future<Output = Result<ResponseValue<T>, ApiError<Fault>>>,
    {
        // Boxed, as generated calls hold whole payloads.
        match Box::pin(send(self.client())).await {
            Ok(answer) => Ok(self.response(answer)),
            Err(error) => Err(self.error(error)),
        }
    }

    /// Sends a request that no generated call makes.
    pub(crate) async fn raw(&self, request: reqwest::Request, body: BodyKind) -> Result<RawResponse, TransportError> {
        let mut info = OperationInfo::new(self.operation);
        info.body = body;
        let transport = SharedTransport::new(self.exchange.clone()).with_call(self.options());
        transport.send(request, info).await
    }

    pub(crate) fn response<T>(&self, answer: ResponseValue<T>) -> Response<T> {
        Response::new(answer, self.ids, self.exchange.record().attempts)
    }

    pub(crate) fn error(&self, error: ApiError<Fault>) -> Error {
        Error::of_call(error, self.context())
    }

    /// An error of the wrapper's own.
    pub(crate) fn own_error(&self, kind: ErrorKind, what: impl Into<String>) -> Error {
        Error::own(kind, what).during(self.context())
    }

    pub(crate) fn context(&self) -> CallContext {
        CallContext {
            operation: self.operation,
            ids: self.ids,
            record: self.exchange.record(),
            pending_write: self.pending_write(),
            now: self.session.shared.pipeline.clock.now(),
        }
    }

    /// The write, in case that it has to be resumed.
    pub(crate) fn pending_write(&self) -> PendingWrite {
        let Pipeline { clock, service_time, .. } = &*self.session.shared.pipeline;
        let first_sent_at = match self.resumed {
            Some(resumed) => resumed.first_sent_at,
            None => self.age.first_sent_at(&**clock, service_time.now(&**clock)),
        };
        PendingWrite::new(self.ids.request, first_sent_at).of_age(self.age)
    }

    /// Whether an attempt may have had its effect without a response that says so: of this call, or before it was resumed.
    pub(crate) fn is_left_open(&self) -> bool {
        self.resumed.is_some() || self.exchange.record().is_left_open()
    }
}
