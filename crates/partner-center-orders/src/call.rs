//! A call on its way: what is asked, and how it wants to be asked.

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
        let Self { shared, options, resumed, request } = self;
        let ids = Ids::of(&options, &*shared.random_source);
        let deadline = Deadline::after(options.deadline.or(patience));
        (Session { shared, options, ids, deadline, resumed }, request)
    }

    /// How long a call may take if nobody says.
    pub(crate) fn usual_patience(&self) -> Option<Duration> {
        self.shared.deadline
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
    deadline: Deadline,
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
        let clock = &*self.shared.clock;
        match self.resumes() {
            None => Age::zero(clock),
            Some(PendingWrite { age: Some(age), .. }) => *age,
            Some(resumed) => Age::since(resumed.first_sent_at, clock, self.shared.service_time()),
        }
    }

    /// Tries to learn the service's time, which shows how old a write is that another process began: any response does,
    /// that to authenticating included.
    pub(crate) async fn learn_time(&self) {
        if self.resumes().is_some_and(|resumed| resumed.age.is_none()) && self.shared.service_time().is_none() {
            let bearer = self.shared.tokens.bearer();
            // Without a token, the call itself will say so.
            drop(self.deadline.bound(bearer).await);
        }
    }

    /// How far this machine's clock is ahead of the service's, as far as that is known.
    pub(crate) fn ahead(&self) -> Duration {
        let services = self.shared.service_time();
        services.and_then(|services| self.shared.clock.now().duration_since(services.earliest).ok()).unwrap_or_default()
    }

    /// Whether the deadline leaves that much time.
    pub(crate) fn can_wait(&self, wait: Duration) -> bool {
        self.deadline.allows(wait)
    }

    /// The output of the future, or nothing when the deadline comes first.
    pub(crate) async fn in_time<F: Future>(&self, future: F) -> Option<F::Output> {
        self.deadline.bound(future).await
    }

    /// The same call with its deadline counted from now, as a further part of a list begins.
    pub(crate) fn begun_anew(mut self) -> Self {
        self.deadline = Deadline::after(self.options.deadline.or(self.shared.deadline));
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

    /// The state of an operation that is about to be called.
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
    /// A generated client whose one call has this state.
    pub(crate) fn client(self: &Arc<Self>) -> Client {
        let transport = SharedTransport::shared(Arc::clone(self) as Arc<dyn Transport>);
        Client::new_with_client(self.shared.base_url(), self.shared.http.clone(), transport)
    }

    /// Makes a generated call.
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

/// The deadline of the call comes before a wait would end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeadlineComes;
