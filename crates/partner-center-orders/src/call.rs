//! A call on its way: what is asked, and how it wants to be asked.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use partner_center_orders_api::runtime::{CallOptions, Error as ApiError, ResponseValue, Transport};
use partner_center_orders_api::types::Fault;
use partner_center_orders_api::{Client, Operation};
use tokio::time::Instant;
use uuid::Uuid;

use crate::error::CallContext;
use crate::partner_center::Shared;
use crate::transport::{CallExchange, Ids};
use crate::{BoxFuture, Error, Response};

/// A call that was described but not made yet: awaiting it makes it.
///
/// What belongs to every call is set here; what belongs to one operation, such as
/// `include_price`, is there for that operation only.
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
    pub(crate) request: R,
}

/// What can be called.
///
/// Implemented by the types of [`requests`](crate::requests); nothing else can implement it.
pub trait Request: sealed::Request {}

impl<R: sealed::Request> Request for R {}

pub(crate) mod sealed {
    use super::Session;
    use crate::{Error, Response};

    /// How a request is carried out.
    pub trait Request: Send + 'static {
        /// What a success gives.
        type Answer: Send;

        /// Carries it out, in one exchange or several.
        fn run(self, session: Session) -> impl Future<Output = Result<Response<Self::Answer>, Error>> + Send;
    }
}

impl<R> Call<R> {
    pub(crate) fn new(shared: Arc<Shared>, request: R) -> Self {
        Self { shared, options: CallOptions::new(), request }
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

    /// What the request is carried out with.
    pub(crate) fn into_session(self) -> (Session, R) {
        (Session::new(self.shared, self.options), self.request)
    }
}

impl<R: Request> Call<R> {
    /// Makes the call, as awaiting it does.
    ///
    /// # Errors
    ///
    /// When no answer came, or a refusal.
    pub async fn send(self) -> Result<Response<R::Answer>, Error> {
        let (session, request) = self.into_session();
        request.run(session).await
    }
}

impl<R: Request> IntoFuture for Call<R> {
    type Output = Result<Response<R::Answer>, Error>;
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
    correlation: Uuid,
    /// The id of the call's write.
    request: Uuid,
    ends_at: Option<Instant>,
}

impl Session {
    fn new(shared: Arc<Shared>, options: CallOptions) -> Self {
        let ids = Ids::of(&options, &*shared.pipeline.randomness);
        let ends_at =
            options.deadline.or(shared.pipeline.deadline).and_then(|deadline| Instant::now().checked_add(deadline));
        Self { shared, options, correlation: ids.correlation, request: ids.request, ends_at }
    }

    /// Carries out one exchange through the pipeline.
    pub(crate) async fn exchange<T, F>(
        &self,
        operation: Operation,
        send: impl FnOnce(Client) -> F,
    ) -> Result<Response<T>, Error>
    where
        F: Future<Output = Result<ResponseValue<T>, ApiError<Fault>>>,
    {
        let begun = self.begin(operation);
        match send(begun.client.clone()).await {
            Ok(answer) => Ok(Response::new(answer, begun.ids, begun.context(&self.shared).record.attempts)),
            Err(error) => Err(Error::of_call(error, begun.context(&self.shared))),
        }
    }

    /// A generated client for one exchange.
    fn begin(&self, operation: Operation) -> Begun {
        let pipeline = &self.shared.pipeline;
        let ids = Ids { request: self.request, correlation: self.correlation };
        let mut options = self.options.clone().request_id(ids.request).correlation_id(ids.correlation);
        options.deadline = self.ends_at.map(|ends_at| ends_at.saturating_duration_since(Instant::now()));
        let exchange = CallExchange::new(Arc::clone(pipeline));
        let transport = Transport::new(exchange.clone()).with_call(options);
        let client = Client::new_with_client(self.shared.base_url(), self.shared.http.clone(), transport);
        Begun { client, exchange, ids, operation, at: pipeline.clock.now() }
    }
}

/// One exchange that was begun.
struct Begun {
    client: Client,
    exchange: CallExchange,
    ids: Ids,
    operation: Operation,
    at: SystemTime,
}

impl Begun {
    fn context(&self, shared: &Shared) -> CallContext {
        CallContext {
            operation: self.operation,
            ids: self.ids,
            record: self.exchange.record(),
            begun_at: self.at,
            now: shared.pipeline.clock.now(),
        }
    }
}
