//! Working on a request to the API: who calls, whether it may, whether it was answered before, and what goes wrong.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ALLOW, CONTENT_TYPE, HeaderName, WWW_AUTHENTICATE};
use http::{HeaderMap, Method, StatusCode};
use uuid::Uuid;

use crate::api::{self, OrderFault};
use crate::core::Core;
use crate::faults::{self, FaultKind};
use crate::idempotency::{Claim, Fingerprint, Permit};
use crate::identity::tokens::Caller;
use crate::refusal::Refusal;
use crate::route::{Access, Operation};
use crate::settings::{MalformedRequestId, RequestIds, RetryAfterForm, ReusedRequestId, Settings};
use crate::shared::{count, lock};
use crate::throttle;
use crate::wire::answer::Answer;
use crate::wire::path::Pairs;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("ms-requestid");
pub(crate) const CORRELATION_ID: HeaderName = HeaderName::from_static("ms-correlationid");
const MFA_COMPLIANT: HeaderName = HeaderName::from_static("ismfacompliant");

/// A request to an operation, with all that is needed to work on it.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) core: Arc<Core>,
    pub(crate) operation: Operation,
    pub(crate) parameters: Vec<String>,
    /// Path and query, as they came.
    pub(crate) target: String,
    pub(crate) query: Pairs,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Result<Bytes, Refusal>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) origin: Arc<str>,
    pub(crate) faults: Vec<FaultKind>,
}

/// What came of the work.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) answer: Answer,
    /// Whether it is an answer that was recorded before.
    pub(crate) repeated: bool,
}

impl Work {
    /// Works on the request. A write that has to wait goes on even if its client goes away.
    pub(crate) async fn run(self) -> Done {
        if self.operation.is_write() && !self.wait().is_zero() {
            let settings = Arc::clone(&self.settings);
            tokio::spawn(self.go()).await.unwrap_or_else(|_| {
                let refusal = Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, 800_003, "The emulator failed.");
                Done { answer: Answer::refusal(&refusal, settings.fault_code), repeated: false }
            })
        } else {
            self.go().await
        }
    }

    async fn go(self) -> Done {
        let caller = match self.at_the_door() {
            Ok(caller) => caller,
            Err(answer) => return self.done(*answer),
        };
        let answer = match self.claim().await {
            Ok(Claim::First(permit)) => self.perform(&caller, Some(permit)).await,
            Ok(Claim::Repeated(answer)) => {
                count(&self.core.tally.repeated);
                return Done { answer, repeated: true };
            }
            Ok(Claim::Other) => self.refusal(&reused(&self.settings)),
            Err(NoClaim::NotNeeded) => self.perform(&caller, None).await,
            Err(NoClaim::Refused(refusal)) => self.refusal(&refusal),
        };
        let asked_for_mfa =
            self.headers.get("validatemfa").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
        if asked_for_mfa {
            let compliant = if caller.used_mfa || !caller.is_user { "true" } else { "false" };
            return self.done(answer.with_text_header(MFA_COMPLIANT, compliant));
        }
        self.done(answer)
    }

    #[expect(clippy::unused_self, reason = "reads as a step of the work")]
    fn done(&self, answer: Answer) -> Done {
        Done { answer, repeated: false }
    }

    fn refusal(&self, refusal: &Refusal) -> Answer {
        let answer = Answer::refusal(refusal, self.settings.fault_code);
        if refusal.status == StatusCode::UNAUTHORIZED {
            let realm = format!("OAuth realm=urn:cpsvc:cpid:{}", lock(&self.core.sign_in).directory.tenant);
            return answer.with_text_header(WWW_AUTHENTICATE, &realm);
        }
        answer
    }

    /// Everything that is asked before the request itself is looked at.
    fn at_the_door(&self) -> Result<Caller, Box<Answer>> {
        let now = self.core.clock.now();
        let settings = &*self.settings;
        let caller = self.core.caller(&self.headers, settings).map_err(|refusal| Box::new(self.refusal(&refusal)))?;
        if let Err(wait) = lock(&self.core.throttle).admit(&caller.tenant, settings, now) {
            count(&self.core.tally.throttled);
            return Err(Box::new(throttle::refusal(wait, settings, now)));
        }
        if self.operation.access() == Access::User && !caller.is_user && !settings.app_only_provisioning_status {
            let refusal = Refusal::forbidden(900_329, "Signing in as an application only is not supported here.");
            return Err(Box::new(self.refusal(&refusal)));
        }
        if !accepts_json(&self.headers) && self.operation != Operation::DownloadOrderAttachment {
            let refusal = Refusal::new(StatusCode::NOT_ACCEPTABLE, 800_042, "Only JSON can be answered.");
            return Err(Box::new(self.refusal(&refusal)));
        }
        Ok(caller)
    }

    fn guid_in(&self, header: &HeaderName) -> Option<Uuid> {
        Uuid::try_parse(self.headers.get(header)?.to_str().ok()?.trim()).ok()
    }

    async fn claim(&self) -> Result<Claim, NoClaim> {
        let id = self.guid_in(&REQUEST_ID);
        if self.settings.malformed_request_id == MalformedRequestId::Refused {
            for name in [REQUEST_ID, CORRELATION_ID] {
                if self.headers.contains_key(&name) && self.guid_in(&name).is_none() {
                    return Err(NoClaim::Refused(Refusal::invalid(name.as_str(), "The id is no GUID.")));
                }
            }
        }
        let honoured = self.operation.is_write() && self.settings.request_ids == RequestIds::Honoured;
        let Some(id) = id.filter(|_| honoured) else { return Err(NoClaim::NotNeeded) };
        // A body that was never taken in can't be compared with another.
        let Ok(body) = &self.body else { return Err(NoClaim::NotNeeded) };
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
        Ok(self.core.idempotency.claim(id, &fingerprint, &self.settings, self.core.clock.now()).await)
    }

    /// How long the request waits before it has its effect.
    fn wait(&self) -> Duration {
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

    async fn perform(&self, caller: &Caller, permit: Option<Permit>) -> Answer {
        let busy = match self.occupy() {
            Ok(busy) => busy,
            Err(refusal) => return self.record(permit, self.refusal(&refusal)),
        };
        let wait = self.wait();
        if !wait.is_zero() {
            self.core.clock.sleep(wait).await;
        }
        if let Some(fault) = self.faults.iter().find(|fault| fault.prevents_effect()) {
            let answer = self.in_place(fault).unwrap_or_else(|| Answer::empty(StatusCode::GATEWAY_TIMEOUT));
            return self.record(permit, answer);
        }
        let answer = self.effect(caller).unwrap_or_else(|refusal| self.refusal(&refusal));
        drop(busy);
        let answer = self.record(permit, answer);
        // What the client gets to see may be something else.
        self.faults.iter().find_map(|fault| self.in_place(fault)).unwrap_or(answer)
    }

    fn record(&self, permit: Option<Permit>, answer: Answer) -> Answer {
        if let Some(permit) = permit {
            permit.finish(&answer, self.core.clock.now());
        }
        answer
    }

    fn effect(&self, caller: &Caller) -> Result<Answer, Refusal> {
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
            now: self.core.clock.now(),
            order_faults: &order_faults,
        };
        if self.operation.is_write() {
            count(&self.core.tally.changes);
        }
        api::answer(&mut lock(&self.core.world), &call)
    }

    /// The answer that a fault puts in place of the real one.
    fn in_place(&self, fault: &FaultKind) -> Option<Answer> {
        let now = self.core.clock.now();
        match fault {
            FaultKind::Unauthorized { code: 0 } => Some(Answer::empty(StatusCode::UNAUTHORIZED)),
            FaultKind::Unauthorized { code } => {
                Some(self.refusal(&Refusal::unauthorized(*code, "A fault: unauthorized.")))
            }
            FaultKind::Throttled { seconds, retry_after, body } => {
                Some(throttle::too_many(*body, *retry_after, *seconds, &self.settings, now))
            }
            FaultKind::Status { status, code, retry_after, .. } => {
                let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let answer = self.refusal(&Refusal::new(status, *code, "A fault: the request failed."));
                Some(match retry_after {
                    Some(seconds) => throttle::with_retry_after(answer, RetryAfterForm::Seconds, *seconds, now),
                    None => answer,
                })
            }
            FaultKind::Html { status, .. } => Some(faults::gateway_page(*status)),
            _ => None,
        }
    }

    /// Carts and orders take one write at a time; another one is refused meanwhile.
    fn occupy(&self) -> Result<Option<Busy>, Refusal> {
        let busy = match self.operation {
            Operation::UpdateCart | Operation::CheckoutCart => {
                Refusal::conflict(800_064, "Another request is at work on the cart.")
            }
            Operation::UpdateOrder => Refusal::conflict(800_060, "The order is in progress."),
            _ => return Ok(None),
        };
        let key = self.parameters.get(1).map(|id| id.to_ascii_lowercase()).unwrap_or_default();
        if lock(&self.core.world).busy.insert(key.clone()) {
            Ok(Some(Busy { core: Arc::clone(&self.core), key }))
        } else {
            Err(busy)
        }
    }
}

/// A cart or order that is being written; free again when this is dropped.
struct Busy {
    core: Arc<Core>,
    key: String,
}

impl Drop for Busy {
    fn drop(&mut self) {
        lock(&self.core.world).busy.remove(&self.key);
    }
}

/// Why no request id was claimed.
enum NoClaim {
    NotNeeded,
    Refused(Refusal),
}

fn reused(settings: &Settings) -> Refusal {
    const WHY: &str = "The request id was used for another request.";
    match settings.reused_request_id {
        ReusedRequestId::BadRequest => Refusal::invalid("MS-RequestId", WHY),
        ReusedRequestId::Conflict => Refusal::conflict(800_060, WHY),
    }
}

fn order_fault(fault: &FaultKind) -> Option<OrderFault> {
    match fault {
        FaultKind::FailOrder { code, description, item } => {
            let description = if description.is_empty() { "A fault: the order failed." } else { description };
            Some(OrderFault { code: *code, description: description.to_owned(), item: item.clone() })
        }
        _ => None,
    }
}

/// Seconds as a duration; what is none counts as nothing.
pub(crate) fn seconds_of(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// Whether the client takes JSON. Clients that name plain text only are served too.
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

/// Bodies of writes are JSON, whatever some clients call it; only what is plainly something else is refused.
fn check_content_type(operation: Operation, headers: &HeaderMap, body: &Bytes) -> Result<(), Refusal> {
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
    if is_json { Ok(()) } else { Err(Refusal::invalid("Content-Type", "The body must be JSON.")) }
}

/// The answer for an address that takes other methods.
pub(crate) fn wrong_method(allowed: &[Method], settings: &Settings) -> Answer {
    let names: Vec<_> = allowed.iter().map(Method::as_str).collect();
    let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, 900_141, "The address takes other methods.");
    Answer::refusal(&refusal, settings.fault_code).with_text_header(ALLOW, &names.join(", "))
}
