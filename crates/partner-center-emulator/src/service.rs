//! Handling of a request, from its head to its response.

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
use crate::dispatch::{ApiRequest, Dispatched, seconds_of, wrong_method};
use crate::error_response::ErrorResponse;
use crate::faults::apply::{apply, gateway_page};
use crate::faults::plan::Target;
use crate::faults::{FaultKind, ResetPoint};
use crate::guard;
use crate::identity::call::Call;
use crate::identity::endpoints::Endpoint;
use crate::identity::responses;
use crate::log::{self, Exchange};
use crate::request::{BodyLimits, ReadBody, discard_body, read_body};
use crate::respond::{add_own_headers, to_http};
use crate::route::{self, Area, Operation, Route};
use crate::settings::Settings;
use crate::shared::Shared;
use crate::sync::{count, lock};
use crate::wire::body::{ConnectionFault, ResponseBody};
use crate::wire::path::Pairs;
use crate::wire::response::BufferedResponse;

/// Longer bodies are truncated in the log.
const MAX_LOGGED_BODY: usize = 256 << 10;

/// The emulator as a service without a socket, from requests to responses.
///
/// It is a [`tower_service::Service`] over any body, and can be called with `&self` through [`EmulatorService::handle`].
/// Faults that reset connections are returned as [`ConnectionFault`]s, from the call or from the body. It requires a tokio
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
/// let response = emulator.service().handle(request).await?;
/// assert_eq!(response.status(), 200);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct EmulatorService {
    shared: Arc<Shared>,
    /// The origin under which the client reached the emulator.
    origin: Arc<str>,
    connection: Connection,
}

/// The result of a request, before faults change the response.
struct Outcome {
    response: BufferedResponse,
    operation: Option<Operation>,
    /// The name for the log.
    name: Option<&'static str>,
    faults: Vec<FaultKind>,
    repeated: bool,
    violation: Option<String>,
    secrecy: Secrecy,
}

/// The parts of an exchange that the log masks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Secrecy {
    None,
    /// Forms, queries and responses of the identity platform.
    Authentication,
    /// The links of a response.
    Links,
}

impl Outcome {
    fn plain(response: BufferedResponse) -> Self {
        Self {
            response,
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
    pub(crate) fn new(shared: Arc<Shared>, origin: Arc<str>, connection: Connection) -> Self {
        Self { shared, origin, connection }
    }

    /// Handles one request.
    ///
    /// # Errors
    ///
    /// A [`ConnectionFault`] where a fault prevents the response.
    pub async fn handle<B>(&self, request: Request<B>) -> Result<Response<ResponseBody>, ConnectionFault>
    where
        B: Body<Data: Buf>,
    {
        let activity = self.connection.begin();
        let received_at = self.shared.clock.now();
        let settings = self.shared.settings();
        let (head, body) = request.into_parts();
        let response = match Area::of(head.uri.path()) {
            Area::Control(segments) => {
                let response = self.control(&head, &segments, body, &settings).await?;
                Ok(to_http(&head.headers, response, &settings, self.shared.clock.now()))
            }
            area => {
                count(&self.shared.counters.requests);
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
    ) -> Result<BufferedResponse, ConnectionFault> {
        if let Err(rejection) = guard::check(head, &self.origin, segments) {
            discard_body(body, &head.headers, settings.body_timeout).await;
            return Ok(control::rejected(&rejection));
        }
        let mut reserved = self.shared.body_memory.begin();
        match read_body(body, &head.headers, BodyLimits::of(settings.upload_limit, settings), &mut reserved).await {
            ReadBody::Complete(body) => Ok(control::handle(&self.shared, &self.origin, head, segments, &body)),
            ReadBody::Rejected(error) => Ok(BufferedResponse::error(&error, settings.fault_code)),
            ReadBody::Aborted => Err(ConnectionFault::Reset),
        }
    }

    /// Processes a request. Returns its body, too, for the log.
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
        let is_upload = matches!(&route, Some(Route::Operation(operation, _)) if operation.is_upload());
        let limit = if is_upload { settings.upload_limit } else { settings.json_limit };
        let mut reserved = self.shared.body_memory.begin();
        let is_api = matches!(area, Area::Api(_));
        let body = if is_api && let Err(error) = self.shared.caller(&head.headers, settings) {
            // Nothing is kept for a client without a valid token; the dispatch returns the same error.
            discard_body(body, &head.headers, settings.body_timeout).await;
            Err(error)
        } else {
            match read_body(body, &head.headers, BodyLimits::of(limit, settings), &mut reserved).await {
                ReadBody::Complete(body) => Ok(body),
                ReadBody::Rejected(error) => Err(error),
                ReadBody::Aborted => return Err(ConnectionFault::Reset),
            }
        };
        let logged = body.clone().unwrap_or_default();
        let rejected = |error: &ErrorResponse| {
            let mut response = BufferedResponse::error(error, settings.fault_code);
            add_own_headers(&mut response.headers, &head.headers, &mut lock(&self.shared.random), false);
            Outcome::plain(response)
        };
        let outcome = match (area, route) {
            (_, Some(Route::Operation(operation, parameters))) => {
                self.api(head, operation, parameters, body, Arc::clone(settings)).await
            }
            (_, Some(Route::WrongMethod(allowed))) => {
                let mut response = wrong_method(&allowed, settings);
                add_own_headers(&mut response.headers, &head.headers, &mut lock(&self.shared.random), false);
                Outcome::plain(response)
            }
            (Area::Other(segments), _) => self.outside_api(head, &segments, body.as_ref().ok(), settings),
            (Area::Malformed, _) => rejected(&ErrorResponse::bad_request(2000, "The address is malformed.")),
            _ => rejected(&ErrorResponse::unknown_address()),
        };
        Ok((outcome, logged))
    }

    async fn api(
        &self,
        head: &Parts,
        operation: Operation,
        parameters: Vec<String>,
        body: Result<Bytes, ErrorResponse>,
        settings: Arc<Settings>,
    ) -> Outcome {
        let customer = parameters.first().and_then(|id| id.parse().ok());
        let target = Target { operation: operation.id(), customer, path: head.uri.path() };
        let faults = lock(&self.shared.plan).draw(&target);
        let request = ApiRequest {
            shared: Arc::clone(&self.shared),
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
        let Dispatched { mut response, repeated } = request.dispatch().await;
        let outside = faults.iter().any(FaultKind::leaves_contract);
        let violation = if outside { None } else { self.shared.check(operation, &response) };
        let is_cart = operation.path().contains("/carts");
        add_own_headers(&mut response.headers, &head.headers, &mut lock(&self.shared.random), is_cart);
        let secrecy = if operation.shows_activation_links() { Secrecy::Links } else { Secrecy::None };
        Outcome {
            response,
            operation: Some(operation),
            name: Some(operation.id()),
            faults,
            repeated,
            violation,
            secrecy,
        }
    }

    /// Handles requests outside API and control endpoint: to the identity platform, and to the pages of activation links.
    fn outside_api(&self, head: &Parts, segments: &[String], body: Option<&Bytes>, settings: &Settings) -> Outcome {
        let query = Pairs::read(head.uri.query().unwrap_or_default().as_bytes());
        if segments == [api::ACTIVATION_PATH] {
            let found = query
                .get("token")
                .is_some_and(|token| api::visit_activation_link(&mut lock(&self.shared.state), token));
            count(&self.shared.counters.changes);
            let (status, text) = if found {
                (StatusCode::OK, "The subscription is activated.")
            } else {
                (StatusCode::NOT_FOUND, "There is no such activation link.")
            };
            let response = BufferedResponse::text(status, "text/plain; charset=utf-8", text);
            return Outcome {
                name: Some("activation_page"),
                secrecy: Secrecy::Authentication,
                ..Outcome::plain(response)
            };
        }
        let Some((tenant, endpoint)) = Endpoint::at(segments) else {
            return Outcome::plain(BufferedResponse::text(
                StatusCode::NOT_FOUND,
                "text/plain; charset=utf-8",
                "There is no resource at this address.",
            ));
        };
        let target = Target { operation: endpoint.id(), customer: None, path: head.uri.path() };
        let faults = lock(&self.shared.plan).draw(&target);
        let call = Call {
            method: &head.method,
            authority: &self.origin,
            tenant,
            query: &query,
            headers: &head.headers,
            form: &Pairs::read(body.map(|body| &body[..]).unwrap_or_default()),
            settings,
            now: self.shared.clock.now(),
        };
        let replacement = faults.iter().find_map(|fault| match fault {
            FaultKind::Status { status, .. } | FaultKind::Html { status, .. } => Some(gateway_page(*status)),
            FaultKind::Unauthorized { .. } => Some(BufferedResponse::empty(StatusCode::UNAUTHORIZED)),
            FaultKind::Throttled { seconds, retry_after, body } => {
                Some(crate::rate_limit::too_many(*body, *retry_after, *seconds, settings, call.now))
            }
            _ => None,
        });
        let response = match (body, replacement) {
            (None, _) => {
                BufferedResponse::text(StatusCode::BAD_REQUEST, "text/plain; charset=utf-8", "The body is too large.")
            }
            (Some(_), Some(response)) => BufferedResponse { is_api_json: false, ..response },
            (Some(_), None) => lock(&self.shared.identity_platform).handle(endpoint, &call),
        };
        Outcome { name: Some(endpoint.id()), faults, secrecy: Secrecy::Authentication, ..Outcome::plain(response) }
    }

    /// Applies the faults to the response, logs the exchange, and returns the response.
    async fn respond(
        &self,
        head: &Parts,
        body: &Bytes,
        outcome: Outcome,
        settings: &Settings,
        received_at: DateTime<Utc>,
    ) -> Result<Response<ResponseBody>, ConnectionFault> {
        let mut response = outcome.response.clone();
        for fault in &outcome.faults {
            count(&self.shared.counters.faults);
            response = apply(fault, response, &mut lock(&self.shared.random));
        }
        // Operations of the API were delayed before their effect.
        if outcome.operation.is_none() {
            for fault in &outcome.faults {
                if let FaultKind::Delay { seconds } = fault {
                    self.shared.clock.sleep(seconds_of(*seconds)).await;
                }
            }
        }
        let no_response = outcome.faults.iter().find(|fault| match fault {
            FaultKind::Timeout { .. } | FaultKind::Reset { at: ResetPoint::Before, .. } => true,
            FaultKind::Reset { at: ResetPoint::During, .. } => response.content.is_empty(),
            _ => false,
        });
        self.log(head, body, &outcome, &response, no_response.is_none(), received_at, settings);
        match no_response {
            None => {}
            Some(FaultKind::Timeout { hold, .. }) => {
                self.shared.clock.sleep(seconds_of(*hold)).await;
                self.connection.reset_now();
                return Err(ConnectionFault::TimedOut);
            }
            Some(_) => {
                self.connection.reset_now();
                return Err(ConnectionFault::Reset);
            }
        }
        let mut response = to_http(&head.headers, response, settings, self.shared.clock.now());
        for fault in &outcome.faults {
            response = response.map(|body| self.with_fault(fault, body));
        }
        Ok(response)
    }

    fn with_fault(&self, fault: &FaultKind, body: ResponseBody) -> ResponseBody {
        match fault {
            FaultKind::Drip { bytes, seconds } => body.slowly(*bytes, seconds_of(*seconds), self.shared.clock.clone()),
            FaultKind::Reset { at: ResetPoint::During, .. } => body.reset_in_the_middle(self.connection.clone()),
            FaultKind::Reset { at: ResetPoint::After, .. } => body.reset_after(self.connection.clone()),
            _ => body,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "an exchange has this many parts")]
    fn log(
        &self,
        head: &Parts,
        body: &Bytes,
        outcome: &Outcome,
        response: &BufferedResponse,
        is_sent: bool,
        received_at: DateTime<Utc>,
        settings: &Settings,
    ) {
        let query = head.uri.query().unwrap_or_default().as_bytes();
        let secrets = [&responses::SECRETS[..], &["token", "user_code"]].concat();
        let (target, request_body, body) = match outcome.secrecy {
            Secrecy::None => (None, body.clone(), response.content.clone()),
            Secrecy::Links => (None, body.clone(), log::masked_links(&response.content)),
            Secrecy::Authentication => {
                let target =
                    head.uri.query().map(|_| format!("{}?{}", head.uri.path(), log::masked_pairs(query, &secrets)));
                let form = log::masked_pairs(body, &secrets).into();
                (target, form, responses::masked(&response.content))
            }
        };
        let target = target.or_else(|| head.uri.path_and_query().map(ToString::to_string));
        let exchange = Exchange {
            number: 0,
            received_at,
            responded_at: self.shared.clock.now(),
            operation: outcome.name,
            method: head.method.to_string(),
            target: target.unwrap_or_default(),
            request_headers: log::headers(&head.headers),
            request_body: truncated(request_body),
            status: is_sent.then(|| response.status.as_u16()),
            headers: log::headers(&response.headers),
            body: truncated(body),
            faults: outcome.faults.iter().map(FaultKind::name).collect(),
            outside_contract: outcome.faults.iter().any(FaultKind::leaves_contract),
            repeated: outcome.repeated,
            violation: outcome.violation.clone(),
        };
        lock(&self.shared.log).add(exchange, settings.log_entries, settings.log_bytes);
    }
}

/// Truncates a body for the log. A long one is copied in part, so that the rest is freed.
fn truncated(body: Bytes) -> Bytes {
    if body.len() > MAX_LOGGED_BODY { Bytes::copy_from_slice(&body[..MAX_LOGGED_BODY]) } else { body }
}

impl<B> tower_service::Service<Request<B>> for EmulatorService
where
    B: Body<Data: Buf + Send> + Send + 'static,
{
    type Response = Response<ResponseBody>;
    type Error = ConnectionFault;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), ConnectionFault>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move { service.handle(request).await })
    }
}
