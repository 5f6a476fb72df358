//! Dispatching a request to the API: authorization, rate limit, request id, faults, and the operation itself.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ALLOW, CONTENT_TYPE, HeaderName, WWW_AUTHENTICATE};
use http::{HeaderMap, Method, StatusCode};
use uuid::Uuid;

use crate::api::{self, Acceptance, OrderFault};
use crate::error_response::ErrorResponse;
use crate::faults::FaultKind;
use crate::faults::apply::gateway_page;
use crate::idempotency::{Claim, Fingerprint, Permit};
use crate::identity::tokens::Caller;
use crate::rate_limit;
use crate::route::{Access, Operation};
use crate::settings::{MalformedRequestId, RequestIds, RetryAfterForm, ReusedRequestId, Settings};
use crate::shared::Shared;
use crate::sync::{count, lock};
use crate::wire::members::flag;
use crate::wire::path::Pairs;
use crate::wire::response::BufferedResponse;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("ms-requestid");
pub(crate) const CORRELATION_ID: HeaderName = HeaderName::from_static("ms-correlationid");
const VALIDATE_MFA: &str = "ValidateMfa";
const MFA_COMPLIANT: HeaderName = HeaderName::from_static("ismfacompliant");

/// A request to an operation, with everything that is needed to process it.
#[derive(Clone, Debug)]
pub(crate) struct ApiRequest {
    pub(crate) shared: Arc<Shared>,
    pub(crate) operation: Operation,
    pub(crate) parameters: Vec<String>,
    /// Path and query, as received.
    pub(crate) target: String,
    pub(crate) query: Pairs,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Result<Bytes, ErrorResponse>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) origin: Arc<str>,
    pub(crate) faults: Vec<FaultKind>,
}

/// The result of a dispatched request.
#[derive(Debug)]
pub(crate) struct Dispatched {
    pub(crate) response: BufferedResponse,
    /// Whether the response was recorded before.
    pub(crate) repeated: bool,
}

impl ApiRequest {
    /// Processes the request. A write that is delayed continues even if the client disconnects.
    pub(crate) async fn dispatch(self) -> Dispatched {
        if self.operation.is_write() && !self.delay().is_zero() {
            let settings = Arc::clone(&self.settings);
            tokio::spawn(self.process()).await.unwrap_or_else(|_| {
                let error = ErrorResponse::new(StatusCode::INTERNAL_SERVER_ERROR, 800_003, "The emulator failed.");
                Dispatched { response: BufferedResponse::error(&error, settings.fault_code), repeated: false }
            })
        } else {
            self.process().await
        }
    }

    async fn process(self) -> Dispatched {
        let caller = match self.authorize() {
            Ok(caller) => caller,
            Err(response) => return Self::done(*response),
        };
        let validates_mfa = match self.validates_mfa() {
            Ok(validates) => validates,
            Err(error) => return Self::done(self.error_response(&error)),
        };
        let response = match self.claim().await {
            Ok(Claim::First(permit)) => self.perform(&caller, Some(permit)).await,
            Ok(Claim::Repeated(response)) => {
                count(&self.shared.counters.repeated);
                return Dispatched { response, repeated: true };
            }
            Ok(Claim::Other) => self.error_response(&reused(&self.settings)),
            Err(Unclaimed::NotNeeded) => self.perform(&caller, None).await,
            Err(Unclaimed::Rejected(error)) => self.error_response(&error),
        };
        if validates_mfa {
            let compliant = if caller.used_mfa || !caller.is_user { "true" } else { "false" };
            return Self::done(response.with_text_header(MFA_COMPLIANT, compliant));
        }
        Self::done(response)
    }

    fn done(response: BufferedResponse) -> Dispatched {
        Dispatched { response, repeated: false }
    }

    fn error_response(&self, error: &ErrorResponse) -> BufferedResponse {
        let response = BufferedResponse::error(error, self.settings.fault_code);
        if error.status == StatusCode::UNAUTHORIZED {
            let realm = format!("OAuth realm=urn:cpsvc:cpid:{}", lock(&self.shared.identity_platform).directory.tenant);
            return response.with_text_header(WWW_AUTHENTICATE, &realm);
        }
        response
    }

    /// Checks everything that comes before the request itself: token, rate limit, access, `Accept`.
    fn authorize(&self) -> Result<Caller, Box<BufferedResponse>> {
        let now = self.shared.clock.now();
        let settings = &*self.settings;
        let caller =
            self.shared.caller(&self.headers, settings).map_err(|error| Box::new(self.error_response(&error)))?;
        if let Err(retry_after) = lock(&self.shared.rate_limit).admit(&caller.tenant, settings, now) {
            count(&self.shared.counters.throttled);
            return Err(Box::new(rate_limit::rejected(retry_after, settings, now)));
        }
        if self.operation.access() == Access::User && !caller.is_user && !settings.app_only_provisioning_status {
            let error = ErrorResponse::forbidden(
                900_329,
                "App-only authentication is not supported for this operation: authenticate with a user.",
            );
            return Err(Box::new(self.error_response(&error)));
        }
        if !accepts_json(&self.headers) && self.operation != Operation::DownloadOrderAttachment {
            let error = ErrorResponse::new(
                StatusCode::NOT_ACCEPTABLE,
                800_042,
                "The response is JSON: `Accept` must allow it.",
            );
            return Err(Box::new(self.error_response(&error)));
        }
        Ok(caller)
    }

    fn guid_in(&self, header: &HeaderName) -> Option<Uuid> {
        Uuid::try_parse(self.headers.get(header)?.to_str().ok()?.trim()).ok()
    }

    async fn claim(&self) -> Result<Claim, Unclaimed> {
        let id = self.guid_in(&REQUEST_ID);
        if self.settings.malformed_request_id == MalformedRequestId::Refused {
            for name in [REQUEST_ID, CORRELATION_ID] {
                if self.headers.contains_key(&name) && self.guid_in(&name).is_none() {
                    return Err(Unclaimed::Rejected(ErrorResponse::invalid(name.as_str(), "The id is not a GUID.")));
                }
            }
        }
        let honoured = self.operation.is_write() && self.settings.request_ids == RequestIds::Honoured;
        let Some(id) = id.filter(|_| honoured) else { return Err(Unclaimed::NotNeeded) };
        // A body that was not read can't be compared with another.
        let Ok(body) = &self.body else { return Err(Unclaimed::NotNeeded) };
        let upload = self
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .filter(|_| self.operation.is_upload())
            .and_then(|content_type| api::upload_fingerprint(content_type, body));
        let fingerprint = Fingerprint {
            method: self.operation.method(),
            target: self.target.clone(),
            body: upload.unwrap_or_else(|| Fingerprint::of_body(body)),
        };
        Ok(self.shared.idempotency.claim(id, &fingerprint, &self.settings, self.shared.clock.now()).await)
    }

    /// Returns the delay before the request has its effect.
    fn delay(&self) -> Duration {
        let delays: Duration = self
            .faults
            .iter()
            .map(|fault| match fault {
                FaultKind::Delay { seconds } => seconds_of(*seconds),
                _ => Duration::ZERO,
            })
            .sum();
        let processing = if self.operation.is_write() { self.settings.processing_time } else { Duration::ZERO };
        delays + processing
    }

    async fn perform(&self, caller: &Caller, permit: Option<Permit>) -> BufferedResponse {
        let busy = match self.occupy() {
            Ok(busy) => busy,
            Err(error) => return self.record(permit, self.error_response(&error)),
        };
        let delay = self.delay();
        if !delay.is_zero() {
            self.shared.clock.sleep(delay).await;
        }
        if let Some(fault) = self.faults.iter().find(|fault| fault.prevents_effect()) {
            let response =
                self.replacement(fault).unwrap_or_else(|| BufferedResponse::empty(StatusCode::GATEWAY_TIMEOUT));
            return self.record(permit, response);
        }
        let response = self.effect(caller).unwrap_or_else(|error| self.error_response(&error));
        drop(busy);
        let response = self.record(permit, response);
        // A fault may replace the response after the effect.
        self.faults.iter().find_map(|fault| self.replacement(fault)).unwrap_or(response)
    }

    fn record(&self, permit: Option<Permit>, response: BufferedResponse) -> BufferedResponse {
        if let Some(permit) = permit {
            permit.finish(&response, self.shared.clock.now());
        }
        response
    }

    fn effect(&self, caller: &Caller) -> Result<BufferedResponse, ErrorResponse> {
        let body = self.body.as_ref().map_err(Clone::clone)?;
        check_content_type(self.operation, &self.headers, body)?;
        let order_faults: Vec<OrderFault> = self.faults.iter().filter_map(order_fault).collect();
        let call = api::Call {
            operation: self.operation,
            parameters: &self.parameters,
            query: &self.query,
            headers: &self.headers,
            body,
            caller,
            settings: &self.settings,
            origin: &self.origin,
            now: self.shared.clock.now(),
            order_faults: &order_faults,
            acceptance: self.faults.iter().find_map(acceptance).or_else(|| Acceptance::of(&self.settings)),
        };
        if self.operation.is_write() {
            count(&self.shared.counters.changes);
        }
        api::execute(&mut lock(&self.shared.state), &call)
    }

    /// Whether the caller asks if it meets the rule on multi-factor authentication. What the service does with a value that is
    /// no boolean isn't documented; it is rejected, like that of a parameter.
    fn validates_mfa(&self) -> Result<bool, ErrorResponse> {
        let value = self.headers.get(VALIDATE_MFA).map(|value| String::from_utf8_lossy(value.as_bytes()));
        flag(VALIDATE_MFA, value.as_deref())
    }

    /// Returns the response with which a fault replaces the real one.
    fn replacement(&self, fault: &FaultKind) -> Option<BufferedResponse> {
        let now = self.shared.clock.now();
        match fault {
            FaultKind::Unauthorized { code: 0 } => Some(BufferedResponse::empty(StatusCode::UNAUTHORIZED)),
            FaultKind::Unauthorized { code } => {
                Some(self.error_response(&ErrorResponse::unauthorized(*code, "Injected fault: unauthorized.")))
            }
            FaultKind::Throttled { seconds, retry_after, body } => {
                Some(rate_limit::too_many(*body, *retry_after, *seconds, &self.settings, now))
            }
            FaultKind::Status { status, code, retry_after, .. } => {
                let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let response =
                    self.error_response(&ErrorResponse::new(status, *code, "Injected fault: the request failed."));
                Some(match retry_after {
                    Some(seconds) => rate_limit::with_retry_after(response, RetryAfterForm::Seconds, *seconds, now),
                    None => response,
                })
            }
            FaultKind::Html { status, .. } => Some(gateway_page(*status)),
            _ => None,
        }
    }

    /// Marks a cart or order as being written: a second write at the same time is rejected.
    fn occupy(&self) -> Result<Option<Busy>, ErrorResponse> {
        let busy = match self.operation {
            Operation::UpdateCart | Operation::CheckoutCart => {
                ErrorResponse::conflict(800_064, "Another request is changing the cart.")
            }
            Operation::UpdateOrder => ErrorResponse::conflict(800_060, "The order is in progress."),
            _ => return Ok(None),
        };
        let key = self.parameters.get(1).map(|id| id.to_ascii_lowercase()).unwrap_or_default();
        if lock(&self.shared.state).busy.insert(key.clone()) {
            Ok(Some(Busy { shared: Arc::clone(&self.shared), key }))
        } else {
            Err(busy)
        }
    }
}

/// A cart or order that is being written, until this is dropped.
struct Busy {
    shared: Arc<Shared>,
    key: String,
}

impl Drop for Busy {
    fn drop(&mut self) {
        lock(&self.shared.state).busy.remove(&self.key);
    }
}

/// The reason why no request id was claimed.
enum Unclaimed {
    NotNeeded,
    Rejected(ErrorResponse),
}

fn reused(settings: &Settings) -> ErrorResponse {
    const WHY: &str = "The request id was used for another request.";
    match settings.reused_request_id {
        ReusedRequestId::BadRequest => ErrorResponse::invalid("MS-RequestId", WHY),
        ReusedRequestId::Conflict => ErrorResponse::conflict(800_060, WHY),
    }
}

fn order_fault(fault: &FaultKind) -> Option<OrderFault> {
    match fault {
        FaultKind::FailOrder { code, description, item } => {
            let description = if description.is_empty() { "Injected fault: the order failed." } else { description };
            Some(OrderFault { code: *code, description: description.to_owned(), item: item.clone() })
        }
        _ => None,
    }
}

fn acceptance(fault: &FaultKind) -> Option<Acceptance> {
    match fault {
        FaultKind::Accepted { body, seconds } => Some(Acceptance { with_body: *body, takes: seconds_of(*seconds) }),
        _ => None,
    }
}

/// Converts seconds to a duration. Invalid values count as zero.
pub(crate) fn seconds_of(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// Whether the client accepts JSON. Clients that accept plain text only get JSON, too.
fn accepts_json(headers: &HeaderMap) -> bool {
    let mut ranges =
        headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let mut any = false;
    let accepted = ranges.any(|range| {
        any = true;
        let kind = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(kind.as_str(), "*/*" | "application/*" | "text/*" | "application/json" | "text/json" | "text/plain")
            || kind.ends_with("+json")
    });
    accepted || !any
}

/// Rejects bodies of writes whose content type is neither JSON nor plain text.
fn check_content_type(operation: Operation, headers: &HeaderMap, body: &Bytes) -> Result<(), ErrorResponse> {
    if operation.method() == Method::GET
        || operation.is_upload()
        || operation == Operation::CheckoutCart
        || body.is_empty()
    {
        return Ok(());
    }
    let Some(content_type) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return Ok(()) };
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json =
        matches!(kind.as_str(), "" | "application/json" | "text/json" | "text/plain") || kind.ends_with("+json");
    if is_json {
        Ok(())
    } else {
        Err(ErrorResponse::invalid("Content-Type", "The body must be JSON: send `application/json`."))
    }
}

/// Returns the response for an address that supports other methods.
pub(crate) fn wrong_method(allowed: &[Method], settings: &Settings) -> BufferedResponse {
    let names: Vec<_> = allowed.iter().map(Method::as_str).collect();
    let error = ErrorResponse::new(StatusCode::METHOD_NOT_ALLOWED, 900_141, "The address doesn't support this method.");
    BufferedResponse::error(&error, settings.fault_code).with_text_header(ALLOW, &names.join(", "))
}
