//! A request's way through the emulator, from its head to its answer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes, BytesMut};
use http::header::{CONTENT_TYPE, DATE, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use uuid::Uuid;

use crate::api;
use crate::connection::Connection;
use crate::core::{Core, lock};
use crate::identity::endpoints::{self, Endpoint};
use crate::identity::tokens::Demands;
use crate::refusal::Refusal;
use crate::route::{self, Access, Area, Route};
use crate::settings::Settings;
use crate::wire::answer::Answer;
use crate::wire::body::{AnswerBody, ConnectionFault};
use crate::wire::dates;
use crate::wire::path::Pairs;

const REQUEST_ID: HeaderName = HeaderName::from_static("ms-requestid");
const CORRELATION_ID: HeaderName = HeaderName::from_static("ms-correlationid");
const CORRELATION_VECTOR: HeaderName = HeaderName::from_static("ms-cv");
const SERVER_ID: HeaderName = HeaderName::from_static("ms-serverid");
const LOCALE: HeaderName = HeaderName::from_static("x-locale");
const REQUEST_CONTEXT: HeaderName = HeaderName::from_static("request-context");

/// The emulator as a service: requests in, answers out, without a socket.
///
/// It is a [`tower_service::Service`] over any body, and can be called with `&self` through [`EmulatorService::answer`].
/// Faults that break connections come out as [`ConnectionFault`]s, from the call or from the body. It needs a tokio runtime
/// only for waits.
#[derive(Clone, Debug)]
pub struct EmulatorService {
    core: Arc<Core>,
    /// The origin that the client reached the emulator at.
    origin: Arc<str>,
    connection: Connection,
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
        let (head, body) = request.into_parts();
        let settings = self.core.settings();
        let body = read(body, settings.json_limit).await;
        let answer = match Area::of(head.uri.path()) {
            Area::Api(segments) => self.api(&head, &segments, body, &settings),
            Area::Rest(segments) => self.sign_in(&head, &segments, body, &settings),
            Area::Control(_) => Answer::empty(StatusCode::NOT_FOUND),
            Area::Damaged => {
                let refusal = Refusal::bad_request(2000, "The address can't be read.");
                Answer::refusal(&refusal, settings.fault_code)
            }
        };
        Ok(self.on_the_wire(&head, answer, &settings))
    }

    fn api(&self, head: &Parts, segments: &[String], body: Result<Bytes, Refusal>, settings: &Settings) -> Answer {
        match self.served(head, segments, body, settings) {
            Ok(answer) => answer,
            Err(refusal) => {
                let answer = Answer::refusal(&refusal, settings.fault_code);
                if refusal.status == StatusCode::UNAUTHORIZED {
                    let realm = format!("OAuth realm=urn:cpsvc:cpid:{}", lock(&self.core.sign_in).directory.tenant);
                    answer.with_text_header(WWW_AUTHENTICATE, &realm)
                } else {
                    answer
                }
            }
        }
    }

    fn served(
        &self,
        head: &Parts,
        segments: &[String],
        body: Result<Bytes, Refusal>,
        settings: &Settings,
    ) -> Result<Answer, Refusal> {
        let (operation, parameters) = match route::find(&head.method, segments) {
            Route::To(operation, parameters) => (operation, parameters),
            Route::WrongMethod(allowed) => {
                let names: Vec<_> = allowed.iter().map(http::Method::as_str).collect();
                let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, 900_141, "The address takes other methods.");
                let answer = Answer::refusal(&refusal, settings.fault_code);
                return Ok(answer.with_text_header(http::header::ALLOW, &names.join(", ")));
            }
            Route::Nowhere => return Err(Refusal::nothing_here()),
        };
        let now = self.core.clock.now();
        let caller = {
            let origins = self.core.origins();
            let sign_in = lock(&self.core.sign_in);
            Demands { settings, directory: &sign_in.directory, authorities: &origins, now }.caller(&head.headers)?
        };
        if operation.access() == Access::User && !caller.is_user && !settings.app_only_provisioning_status {
            return Err(Refusal::forbidden(900_329, "Signing in as an application only is not supported here."));
        }
        let query = Pairs::read(head.uri.query().unwrap_or_default().as_bytes());
        let call = api::Call {
            operation,
            parameters: &parameters,
            query: &query,
            headers: &head.headers,
            body: &body?,
            caller: &caller,
            settings,
            origin: &self.origin,
            now,
            order_faults: &[],
        };
        api::answer(&mut lock(&self.core.world), &call)
    }

    fn sign_in(&self, head: &Parts, segments: &[String], body: Result<Bytes, Refusal>, settings: &Settings) -> Answer {
        let Some((tenant, endpoint)) = Endpoint::at(segments) else { return Answer::empty(StatusCode::NOT_FOUND) };
        let Ok(body) = body else { return Answer::empty(StatusCode::BAD_REQUEST) };
        let call = endpoints::Call {
            method: &head.method,
            authority: &self.origin,
            tenant,
            query: &Pairs::read(head.uri.query().unwrap_or_default().as_bytes()),
            headers: &head.headers,
            form: &Pairs::read(&body),
            settings,
            now: self.core.clock.now(),
        };
        lock(&self.core.sign_in).answer(endpoint, &call)
    }

    /// Puts an answer into the form that the service's answers have.
    fn on_the_wire(&self, head: &Parts, answer: Answer, settings: &Settings) -> Response<AnswerBody> {
        let Answer { status, headers, content, is_api_json } = answer;
        let content = if is_api_json && settings.bom { with_mark(&content) } else { content };
        let mut response = Response::new(AnswerBody::whole(content));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        let headers = response.headers_mut();
        if is_api_json || headers.get(CONTENT_TYPE).is_none() {
            self.add_ids(headers, &head.headers);
        }
        if let Ok(date) = HeaderValue::from_str(&dates::http(self.core.clock.now())) {
            headers.insert(DATE, date);
        }
        response
    }

    fn add_ids(&self, answer: &mut HeaderMap, request: &HeaderMap) {
        let mut random = lock(&self.core.random);
        for name in [REQUEST_ID, CORRELATION_ID] {
            let made = random.uuid();
            let id = given_id(request, &name).unwrap_or(made);
            insert(answer, name, &id.to_string());
        }
        insert(answer, CORRELATION_VECTOR, &format!("{}.0", random.opaque::<12>()));
        insert(answer, SERVER_ID, "partner-center-emulator");
        insert(answer, LOCALE, "en-US");
        insert(answer, REQUEST_CONTEXT, "appId=cid-v1:6f1d0c52-87e3-4b9a-a0d4-25c9be71f380");
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn given_id(headers: &HeaderMap, name: &HeaderName) -> Option<Uuid> {
    Uuid::try_parse(headers.get(name)?.to_str().ok()?.trim()).ok()
}

fn with_mark(content: &Bytes) -> Bytes {
    let mut marked = BytesMut::with_capacity(content.len() + 3);
    marked.extend_from_slice(b"\xef\xbb\xbf");
    marked.extend_from_slice(content);
    marked.freeze()
}

async fn read<B: Body<Data: Buf>>(body: B, limit: usize) -> Result<Bytes, Refusal> {
    let mut body = std::pin::pin!(body);
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Err(Refusal::bad_request(2000, "The body broke off.")) };
        if let Ok(data) = frame.into_data() {
            if bytes.len() + data.remaining() > limit {
                return Err(Refusal::bad_request(2000, "The body is too large."));
            }
            bytes.extend_from_slice(data.chunk());
        }
    }
    Ok(bytes.freeze())
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
