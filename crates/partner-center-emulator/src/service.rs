//! A request's way through the emulator, from its head to its answer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use chrono::{DateTime, Utc};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use hyper::body::Body;

use crate::api;
use crate::connection::Connection;
use crate::control;
use crate::core::Core;
use crate::faults::{self, FaultKind, ResetPoint, Target};
use crate::finish::{add_own_headers, finish};
use crate::guard;
use crate::identity::endpoints::{self, Endpoint};
use crate::intake::{Allowance, Taken, take, throw_away};
use crate::log::{self, Exchange};
use crate::refusal::Refusal;
use crate::route::{self, Area, Operation, Route};
use crate::settings::Settings;
use crate::shared::{count, lock};
use crate::wire::answer::Answer;
use crate::wire::body::{AnswerBody, ConnectionFault};
use crate::wire::path::Pairs;
use crate::work::{Done, Work, seconds_of, wrong_method};

/// Bodies beyond this are cut in the log.
const LOGGED: usize = 256 << 10;

/// The emulator as a service: requests in, answers out, without a socket.
///
/// It is a [`tower_service::Service`] over any body, and can be called with `&self` through [`EmulatorService::answer`].
/// Faults that break connections come out as [`ConnectionFault`]s, from the call or from the body. It runs inside a tokio
/// runtime.
///
/// ```
/// use bytes::Bytes;
/// use http_body_util::Full;
/// use partner_center_emulator::Emulator;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let emulator = Emulator::builder().in_memory()?;
/// let uri = format!("{}/v1/customers/{}/orders", emulator.base_url(), emulator.customers()[0]);
/// let request = http::Request::get(uri)
///     .header("Authorization", format!("Bearer {}", emulator.app_token()))
///     .body(Full::<Bytes>::default())?;
/// let answer = emulator.service().answer(request).await?;
/// assert_eq!(answer.status(), 200);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct EmulatorService {
    core: Arc<Core>,
    /// The origin that the client reached the emulator at.
    origin: Arc<str>,
    connection: Connection,
}

/// What came of a request, before it is put on the wire.
struct Outcome {
    answer: Answer,
    operation: Option<Operation>,
    /// The name for the log.
    name: Option<&'static str>,
    faults: Vec<FaultKind>,
    repeated: bool,
    violation: Option<String>,
    secrecy: Secrecy,
}

/// What of an exchange the log must not show.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Secrecy {
    None,
    /// Forms, queries and answers of the sign-in service.
    SignIn,
    /// The links of an answer.
    Links,
}

impl Outcome {
    fn plain(answer: Answer) -> Self {
        Self {
            answer,
            operation: None,
            name: None,
            faults: Vec::new(),
            repeated: false,
            violation: None,
            secrecy: Secrecy::None,
        }
    }
}

impl EmulatorService {
    pub(crate) fn new(core: Arc<Core>, origin: Arc<str>, connection: Connection) -> Self {
        Self { core, origin, connection }
    }

    /// Answers one request.
    ///
    /// # Errors
    ///
    /// A [`ConnectionFault`] where a fault keeps the answer from coming.
    pub async fn answer<B>(&self, request: Request<B>) -> Result<Response<AnswerBody>, ConnectionFault>
    where
        B: Body<Data: Buf>,
    {
        let activity = self.connection.begin();
        let received_at = self.core.clock.now();
        let settings = self.core.settings();
        let (head, body) = request.into_parts();
        let response = match Area::of(head.uri.path()) {
            Area::Control(segments) => {
                let answer = self.control(&head, &segments, body, &settings).await?;
                Ok(finish(&head.headers, answer, &settings, self.core.clock.now()))
            }
            area => {
                count(&self.core.tally.requests);
                let (outcome, body) = self.outcome(&head, area, body, &settings).await?;
                self.respond(&head, &body, outcome, &settings, received_at).await
            }
        };
        Ok(response?.map(|body| body.during(activity)))
    }

    async fn control<B: Body<Data: Buf>>(
        &self,
        head: &Parts,
        segments: &[String],
        body: B,
        settings: &Settings,
    ) -> Result<Answer, ConnectionFault> {
        if let Err(barred) = guard::check(head, &self.origin, segments) {
            throw_away(body, &head.headers, settings.body_timeout).await;
            return Ok(control::barred(&barred));
        }
        let mut reserved = self.core.body_memory.begin();
        match take(body, &head.headers, Allowance::of(settings.upload_limit, settings), &mut reserved).await {
            Taken::Whole(body) => Ok(control::answer(&self.core, &self.origin, head, segments, &body)),
            Taken::Refused(refusal) => Ok(Answer::refusal(&refusal, settings.fault_code)),
            Taken::BrokenOff => Err(ConnectionFault::Reset),
        }
    }

    /// What comes of a request, and its body.
    async fn outcome<B: Body<Data: Buf>>(
        &self,
        head: &Parts,
        area: Area,
        body: B,
        settings: &Arc<Settings>,
    ) -> Result<(Outcome, Bytes), ConnectionFault> {
        let route = match &area {
            Area::Api(segments) => Some(route::find(&head.method, segments)),
            _ => None,
        };
        let is_upload = matches!(&route, Some(Route::To(operation, _)) if operation.is_upload());
        let limit = if is_upload { settings.upload_limit } else { settings.json_limit };
        let mut reserved = self.core.body_memory.begin();
        let is_api = matches!(area, Area::Api(_));
        let body = if is_api && let Err(refusal) = self.core.caller(&head.headers, settings) {
            // Nothing is kept for a client that isn't let in; the same refusal comes of the work.
            throw_away(body, &head.headers, settings.body_timeout).await;
            Err(refusal)
        } else {
            match take(body, &head.headers, Allowance::of(limit, settings), &mut reserved).await {
                Taken::Whole(body) => Ok(body),
                Taken::Refused(refusal) => Err(refusal),
                Taken::BrokenOff => return Err(ConnectionFault::Reset),
            }
        };
        let logged = body.clone().unwrap_or_default();
        let refused = |refusal: &Refusal| {
            let mut answer = Answer::refusal(refusal, settings.fault_code);
            add_own_headers(&mut answer.headers, &head.headers, &mut lock(&self.core.random), false);
            Outcome::plain(answer)
        };
        let outcome = match (area, route) {
            (_, Some(Route::To(operation, parameters))) => {
                self.api(head, operation, parameters, body, Arc::clone(settings)).await
            }
            (_, Some(Route::WrongMethod(allowed))) => {
                let mut answer = wrong_method(&allowed, settings);
                add_own_headers(&mut answer.headers, &head.headers, &mut lock(&self.core.random), false);
                Outcome::plain(answer)
            }
            (Area::Rest(segments), _) => self.sign_in(head, &segments, body.as_ref().ok(), settings),
            (Area::Damaged, _) => refused(&Refusal::bad_request(2000, "The address can't be read.")),
            _ => refused(&Refusal::nothing_here()),
        };
        Ok((outcome, logged))
    }

    async fn api(
        &self,
        head: &Parts,
        operation: Operation,
        parameters: Vec<String>,
        body: Result<Bytes, Refusal>,
        settings: Arc<Settings>,
    ) -> Outcome {
        let customer = parameters.first().and_then(|id| id.parse().ok());
        let target = Target { operation: operation.id(), customer, path: head.uri.path() };
        let faults = lock(&self.core.plan).draw(&target);
        let work = Work {
            core: Arc::clone(&self.core),
            operation,
            parameters,
            target: head.uri.path_and_query().map_or_else(String::new, ToString::to_string),
            query: Pairs::read(head.uri.query().unwrap_or_default().as_bytes()),
            headers: head.headers.clone(),
            body,
            settings,
            origin: Arc::clone(&self.origin),
            faults: faults.clone(),
        };
        let Done { mut answer, repeated } = work.run().await;
        let outside = faults.iter().any(FaultKind::leaves_contract);
        let violation = if outside { None } else { self.core.check(operation, &answer) };
        let is_cart = operation.path().contains("/carts");
        add_own_headers(&mut answer.headers, &head.headers, &mut lock(&self.core.random), is_cart);
        let secrecy = if operation.shows_activation_links() { Secrecy::Links } else { Secrecy::None };
        Outcome { answer, operation: Some(operation), name: Some(operation.id()), faults, repeated, violation, secrecy }
    }

    /// What is neither API nor control endpoint: the sign-in service, and the pages that activation links lead to.
    fn sign_in(&self, head: &Parts, segments: &[String], body: Option<&Bytes>, settings: &Settings) -> Outcome {
        let query = Pairs::read(head.uri.query().unwrap_or_default().as_bytes());
        if segments == [api::ACTIVATION_PATH] {
            let found =
                query.get("token").is_some_and(|token| api::visit_activation_link(&mut lock(&self.core.world), token));
            count(&self.core.tally.changes);
            let (status, said) = if found {
                (StatusCode::OK, "The subscription is activated.")
            } else {
                (StatusCode::NOT_FOUND, "There is no such activation link.")
            };
            let answer = Answer::text(status, "text/plain; charset=utf-8", said);
            return Outcome { name: Some("activation_page"), secrecy: Secrecy::SignIn, ..Outcome::plain(answer) };
        }
        let Some((tenant, endpoint)) = Endpoint::at(segments) else {
            return Outcome::plain(Answer::text(
                StatusCode::NOT_FOUND,
                "text/plain; charset=utf-8",
                "There is nothing here.",
            ));
        };
        let target = Target { operation: endpoint.id(), customer: None, path: head.uri.path() };
        let faults = lock(&self.core.plan).draw(&target);
        let call = endpoints::Call {
            method: &head.method,
            authority: &self.origin,
            tenant,
            query: &query,
            headers: &head.headers,
            form: &Pairs::read(body.map(|body| &body[..]).unwrap_or_default()),
            settings,
            now: self.core.clock.now(),
        };
        let in_place = faults.iter().find_map(|fault| match fault {
            FaultKind::Status { status, .. } | FaultKind::Html { status, .. } => Some(faults::gateway_page(*status)),
            FaultKind::Unauthorized { .. } => Some(Answer::empty(StatusCode::UNAUTHORIZED)),
            FaultKind::Throttled { seconds, retry_after, body } => {
                Some(crate::throttle::too_many(*body, *retry_after, *seconds, settings, call.now))
            }
            _ => None,
        });
        let answer = match (body, in_place) {
            (None, _) => Answer::text(StatusCode::BAD_REQUEST, "text/plain; charset=utf-8", "The body is too large."),
            (Some(_), Some(answer)) => Answer { is_api_json: false, ..answer },
            (Some(_), None) => lock(&self.core.sign_in).answer(endpoint, &call),
        };
        Outcome { name: Some(endpoint.id()), faults, secrecy: Secrecy::SignIn, ..Outcome::plain(answer) }
    }

    /// Spoils an answer as its faults want it, writes the exchange down, and sends it.
    async fn respond(
        &self,
        head: &Parts,
        body: &Bytes,
        outcome: Outcome,
        settings: &Settings,
        received_at: DateTime<Utc>,
    ) -> Result<Response<AnswerBody>, ConnectionFault> {
        let mut answer = outcome.answer.clone();
        for fault in &outcome.faults {
            count(&self.core.tally.faults);
            answer = faults::spoil(fault, answer, &mut lock(&self.core.random));
        }
        // Operations of the API have waited by now, before their effect.
        if outcome.operation.is_none() {
            for fault in &outcome.faults {
                if let FaultKind::Delay { seconds } = fault {
                    self.core.clock.sleep(seconds_of(*seconds)).await;
                }
            }
        }
        let silent = outcome.faults.iter().find(|fault| match fault {
            FaultKind::Timeout { .. } | FaultKind::Reset { at: ResetPoint::Before, .. } => true,
            FaultKind::Reset { at: ResetPoint::During, .. } => answer.content.is_empty(),
            _ => false,
        });
        self.write_down(head, body, &outcome, &answer, silent.is_none(), received_at, settings);
        match silent {
            None => {}
            Some(FaultKind::Timeout { hold, .. }) => {
                self.core.clock.sleep(seconds_of(*hold)).await;
                self.connection.break_now();
                return Err(ConnectionFault::TimedOut);
            }
            Some(_) => {
                self.connection.break_now();
                return Err(ConnectionFault::Reset);
            }
        }
        let mut response = finish(&head.headers, answer, settings, self.core.clock.now());
        for fault in &outcome.faults {
            response = response.map(|body| self.slowed_or_broken(fault, body));
        }
        Ok(response)
    }

    fn slowed_or_broken(&self, fault: &FaultKind, body: AnswerBody) -> AnswerBody {
        match fault {
            FaultKind::Drip { bytes, seconds } => body.slowly(*bytes, seconds_of(*seconds), self.core.clock.clone()),
            FaultKind::Reset { at: ResetPoint::During, .. } => body.broken_in_the_middle(self.connection.clone()),
            FaultKind::Reset { at: ResetPoint::After, .. } => body.breaking(self.connection.clone()),
            _ => body,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "everything about the exchange comes together here")]
    fn write_down(
        &self,
        head: &Parts,
        body: &Bytes,
        outcome: &Outcome,
        answer: &Answer,
        is_answered: bool,
        received_at: DateTime<Utc>,
        settings: &Settings,
    ) {
        let query = head.uri.query().unwrap_or_default().as_bytes();
        let secrets = [&endpoints::SECRETS[..], &["token", "user_code"]].concat();
        let (target, request_body, body) = match outcome.secrecy {
            Secrecy::None => (None, body.clone(), answer.content.clone()),
            Secrecy::Links => (None, body.clone(), log::masked_links(&answer.content)),
            Secrecy::SignIn => {
                let target =
                    head.uri.query().map(|_| format!("{}?{}", head.uri.path(), log::masked_pairs(query, &secrets)));
                let form = log::masked_pairs(body, &secrets).into();
                (target, form, endpoints::masked(&answer.content))
            }
        };
        let target = target.or_else(|| head.uri.path_and_query().map(ToString::to_string));
        let exchange = Exchange {
            number: 0,
            received_at,
            answered_at: self.core.clock.now(),
            operation: outcome.name,
            method: head.method.to_string(),
            target: target.unwrap_or_default(),
            request_headers: log::headers(&head.headers),
            request_body: cut(request_body),
            status: is_answered.then(|| answer.status.as_u16()),
            headers: log::headers(&answer.headers),
            body: cut(body),
            faults: outcome.faults.iter().map(FaultKind::name).collect(),
            outside_contract: outcome.faults.iter().any(FaultKind::leaves_contract),
            repeated: outcome.repeated,
            violation: outcome.violation.clone(),
        };
        lock(&self.core.log).add(exchange, settings.log_entries, settings.log_bytes);
    }
}

/// A body for the log: a long one is copied in part, so that the rest of it isn't kept alive.
fn cut(body: Bytes) -> Bytes {
    if body.len() > LOGGED { Bytes::copy_from_slice(&body[..LOGGED]) } else { body }
}

impl<B> tower_service::Service<Request<B>> for EmulatorService
where
    B: Body<Data: Buf + Send> + Send + 'static,
{
    type Response = Response<AnswerBody>;
    type Error = ConnectionFault;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), ConnectionFault>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move { service.answer(request).await })
    }
}
