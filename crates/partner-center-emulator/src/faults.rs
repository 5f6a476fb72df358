//! Faults on demand: what goes wrong, when, and how often.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::random::Random;
use crate::settings::{RetryAfterForm, ThrottleBody};
use crate::wire::response::BufferedResponse;

/// A fault with the requests that it meets.
///
/// A fault meets every request that fits, unless it is told to skip some, to stop after some, or to leave it to chance.
///
/// ```
/// use partner_center_emulator::{Fault, FaultKind};
///
/// // The first checkout has its effect, but its answer never arrives.
/// let fault = Fault::new(FaultKind::lost_response()).on("checkout_cart").times(1);
/// let same: Fault = serde_json::from_str(r#"{"kind":"reset","at":"before","effect":true,"operation":"checkout_cart","times":1}"#)?;
/// assert_eq!(fault, same);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "Map<String, Value>", try_from = "Map<String, Value>")]
pub struct Fault {
    kind: FaultKind,
    scope: Scope,
}

/// Which requests a fault meets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Scope {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer: Option<Uuid>,
    /// A text that the path holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    skip: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
    #[serde(default = "certain", skip_serializing_if = "is_certain")]
    chance: f64,
}

/// The members of a fault's JSON that say which requests it meets.
const SCOPE_MEMBERS: [&str; 6] = ["operation", "customer", "path", "skip", "times", "chance"];

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn certain() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_certain(chance: &f64) -> bool {
    *chance >= 1.0
}

/// What goes wrong.
///
/// In JSON, `kind` is the variant's name in camelCase and the fields stand beside it; those with a usual value may be left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum FaultKind {
    /// The request waits before it is worked on. A write has its effect after the wait even if the client has gone.
    Delay {
        /// How long, in seconds.
        seconds: f64,
    },
    /// No answer comes.
    Timeout {
        /// Whether the request has its effect nevertheless.
        #[serde(default)]
        effect: bool,
        /// After how many seconds the connection is broken; usually 600.
        #[serde(default = "default_hold")]
        hold: f64,
    },
    /// The connection is reset.
    Reset {
        /// At which point of the answer.
        at: ResetPoint,
        /// Whether the request has its effect nevertheless. A reset during or after the answer comes after the effect anyway.
        #[serde(default)]
        effect: bool,
    },
    /// The body ends too early, in a message that is whole.
    Truncate {
        /// How many bytes are left; usually half of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep: Option<usize>,
    },
    /// The body's bytes are mixed up.
    Garble,
    /// An HTML page comes in place of the answer, as from a gateway.
    Html {
        /// The status; usually 502.
        #[serde(default = "bad_gateway")]
        status: u16,
        /// Whether the request has its effect nevertheless.
        #[serde(default)]
        effect: bool,
    },
    /// 401, as if the token were not good.
    Unauthorized {
        /// The code; usually 400. 0 gives an empty body.
        #[serde(default = "access_denied")]
        code: u32,
    },
    /// 429, whatever the rate.
    Throttled {
        /// The seconds of `Retry-After`; usually 1.
        #[serde(default = "one")]
        seconds: u64,
        /// The form of `Retry-After`; usually seconds.
        #[serde(default = "in_seconds")]
        retry_after: RetryAfterForm,
        /// The body; usually the gateway's.
        #[serde(default = "of_gateway")]
        body: ThrottleBody,
    },
    /// A status in place of the answer, with a fault as body.
    Status {
        /// The status; usually 500.
        #[serde(default = "internal_server_error")]
        status: u16,
        /// The code; usually 800003.
        #[serde(default = "unexpected")]
        code: u32,
        /// Whether the request has its effect nevertheless.
        #[serde(default)]
        effect: bool,
        /// The seconds of `Retry-After`, if there is to be one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
    },
    /// The answer's status without its body.
    EmptyBody,
    /// The body comes in small pieces with pauses between them.
    Drip {
        /// How many bytes at a time; usually 16.
        #[serde(default = "few")]
        bytes: usize,
        /// How many seconds between them; usually 0.1.
        #[serde(default = "blink")]
        seconds: f64,
    },
    /// The right body under a wrong content type.
    ContentType {
        /// The content type; usually `text/html`.
        #[serde(default = "html")]
        value: String,
    },
    /// Enum values that nobody has seen.
    UnknownEnum,
    /// A member that nobody has seen, in every object.
    UnknownMember,
    /// Null in place of a member's value, in every object that has one to spare.
    Nulls,
    /// Members that stand twice.
    DuplicateMember,
    /// An order or order group fails. A cart's other groups are bought.
    FailOrder {
        /// The code, such as 800069.
        code: u32,
        /// The words.
        #[serde(default)]
        description: String,
        /// The item that the order must hold to fail; any order does if there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
    },
}

/// The point at which a connection is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ResetPoint {
    /// Before any of the answer is sent.
    Before,
    /// In the middle of the answer's body.
    During,
    /// After the whole answer: the next request on the connection finds it broken.
    After,
}

fn default_hold() -> f64 {
    600.0
}

fn bad_gateway() -> u16 {
    502
}

fn internal_server_error() -> u16 {
    500
}

fn access_denied() -> u32 {
    400
}

fn unexpected() -> u32 {
    800_003
}

fn one() -> u64 {
    1
}

fn in_seconds() -> RetryAfterForm {
    RetryAfterForm::Seconds
}

fn of_gateway() -> ThrottleBody {
    ThrottleBody::Gateway
}

fn few() -> usize {
    16
}

fn blink() -> f64 {
    0.1
}

fn html() -> String {
    "text/html".to_owned()
}

impl FaultKind {
    /// The request has its effect, but the connection breaks before any of the answer is sent.
    pub fn lost_response() -> Self {
        Self::Reset { at: ResetPoint::Before, effect: true }
    }

    /// 401 once more, with the usual code.
    pub fn unauthorized() -> Self {
        Self::Unauthorized { code: access_denied() }
    }

    /// 429 with so many seconds in `Retry-After`.
    pub fn throttled(seconds: u64) -> Self {
        Self::Throttled { seconds, retry_after: in_seconds(), body: of_gateway() }
    }

    /// A status without effect, with the usual code.
    pub fn status(status: u16) -> Self {
        Self::Status { status, code: unexpected(), effect: false, retry_after: None }
    }

    /// A status of failure though the request has its effect.
    pub fn status_after_effect(status: u16) -> Self {
        Self::Status { status, code: unexpected(), effect: true, retry_after: None }
    }

    /// The name in JSON and in the log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Delay { .. } => "delay",
            Self::Timeout { .. } => "timeout",
            Self::Reset { .. } => "reset",
            Self::Truncate { .. } => "truncate",
            Self::Garble => "garble",
            Self::Html { .. } => "html",
            Self::Unauthorized { .. } => "unauthorized",
            Self::Throttled { .. } => "throttled",
            Self::Status { .. } => "status",
            Self::EmptyBody => "emptyBody",
            Self::Drip { .. } => "drip",
            Self::ContentType { .. } => "contentType",
            Self::UnknownEnum => "unknownEnum",
            Self::UnknownMember => "unknownMember",
            Self::Nulls => "nulls",
            Self::DuplicateMember => "duplicateMember",
            Self::FailOrder { .. } => "failOrder",
        }
    }

    /// Whether the answer, if any, is none that the contract describes.
    pub(crate) fn leaves_contract(&self) -> bool {
        match self {
            Self::Delay { .. } | Self::Drip { .. } | Self::FailOrder { .. } | Self::Throttled { .. } => false,
            Self::Unauthorized { code } => *code == 0,
            Self::Status { status, .. } => !DOCUMENTED_FAILURES.contains(status),
            Self::Timeout { .. }
            | Self::Reset { .. }
            | Self::Truncate { .. }
            | Self::Garble
            | Self::Html { .. }
            | Self::EmptyBody
            | Self::ContentType { .. }
            | Self::UnknownEnum
            | Self::UnknownMember
            | Self::Nulls
            | Self::DuplicateMember => true,
        }
    }

    /// Whether it keeps the request from having its effect.
    pub(crate) fn prevents_effect(&self) -> bool {
        match self {
            Self::Timeout { effect, .. } | Self::Html { effect, .. } | Self::Status { effect, .. } => !effect,
            Self::Reset { at, effect } => *at == ResetPoint::Before && !effect,
            Self::Unauthorized { .. } | Self::Throttled { .. } => true,
            _ => false,
        }
    }
}

/// The statuses of failure that the contract has for every operation.
const DOCUMENTED_FAILURES: [u16; 13] = [400, 401, 403, 404, 405, 406, 408, 429, 500, 501, 502, 503, 504];

impl Fault {
    /// A fault that meets every request.
    pub fn new(kind: FaultKind) -> Self {
        let scope = Scope { operation: None, customer: None, path: None, skip: 0, times: None, chance: certain() };
        Self { kind, scope }
    }

    /// What goes wrong.
    ///
    /// ```
    /// use partner_center_emulator::{Fault, FaultKind};
    ///
    /// let fault = Fault::new(FaultKind::Delay { seconds: 2.5 }).on("create_order");
    /// assert!(matches!(fault.kind(), FaultKind::Delay { seconds: 2.5 }));
    /// ```
    pub fn kind(&self) -> &FaultKind {
        &self.kind
    }

    /// Only requests of this operation, by the contract's operation id; the sign-in service's are `token`, `authorize`,
    /// `device_code`, `discovery` and `keys`.
    #[must_use]
    pub fn on(mut self, operation: impl Into<String>) -> Self {
        self.scope.operation = Some(operation.into());
        self
    }

    /// Only requests about this customer.
    #[must_use]
    pub fn of_customer(mut self, customer: Uuid) -> Self {
        self.scope.customer = Some(customer);
        self
    }

    /// Only requests whose path holds this text.
    #[must_use]
    pub fn at_path(mut self, part: impl Into<String>) -> Self {
        self.scope.path = Some(part.into());
        self
    }

    /// Lets so many fitting requests pass first.
    #[must_use]
    pub fn skip(mut self, requests: u32) -> Self {
        self.scope.skip = requests;
        self
    }

    /// Ends after so many requests.
    #[must_use]
    pub fn times(mut self, requests: u32) -> Self {
        self.scope.times = Some(requests);
        self
    }

    /// Meets a fitting request with this probability, drawn from the emulator's seed.
    #[must_use]
    pub fn chance(mut self, probability: f64) -> Self {
        self.scope.chance = probability;
        self
    }
}

impl From<Fault> for Map<String, Value> {
    fn from(fault: Fault) -> Self {
        let mut members = Map::new();
        for part in [serde_json::to_value(fault.kind), serde_json::to_value(fault.scope)] {
            if let Ok(Value::Object(part)) = part {
                members.extend(part);
            }
        }
        members
    }
}

impl TryFrom<Map<String, Value>> for Fault {
    type Error = serde_json::Error;

    fn try_from(members: Map<String, Value>) -> Result<Self, serde_json::Error> {
        let (scope, kind): (Map<_, _>, Map<_, _>) =
            members.into_iter().partition(|(name, _)| SCOPE_MEMBERS.contains(&name.as_str()));
        let members = kind.len();
        let kind: FaultKind = serde_json::from_value(Value::Object(kind))?;
        // Kinds without members pass over whatever stands beside them.
        let bare = matches!(serde_json::to_value(&kind)?, Value::Object(written) if written.len() == 1);
        if bare && members > 1 && !matches!(kind, FaultKind::Truncate { .. }) {
            return Err(serde::de::Error::custom(format!("the fault `{}` has no such member", kind.name())));
        }
        Ok(Self { kind, scope: serde_json::from_value(Value::Object(scope))? })
    }
}

/// The faults that are planned, with how often each has met requests.
#[derive(Debug)]
pub(crate) struct Plan {
    rules: Vec<Rule>,
    next_id: u64,
    random: Random,
}

/// A planned fault.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rule {
    pub(crate) id: u64,
    fault: Fault,
    /// How many requests it fitted.
    fitted: u32,
    /// How many requests it met.
    met: u32,
}

/// The request that faults are held against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) operation: &'a str,
    pub(crate) customer: Option<Uuid>,
    pub(crate) path: &'a str,
}

impl Plan {
    pub(crate) fn new(random: Random) -> Self {
        Self { rules: Vec::new(), next_id: 1, random }
    }

    pub(crate) fn add(&mut self, fault: Fault) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.rules.push(Rule { id, fault, fitted: 0, met: 0 });
        id
    }

    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.rules.len();
        self.rules.retain(|rule| rule.id != id);
        self.rules.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The faults that meet this request, in the order in which they were planned.
    pub(crate) fn draw(&mut self, target: &Target<'_>) -> Vec<FaultKind> {
        let mut drawn = Vec::new();
        for rule in &mut self.rules {
            if rule.meets(target, &mut self.random) {
                drawn.push(rule.fault.kind.clone());
            }
        }
        drawn
    }
}

impl Rule {
    fn meets(&mut self, target: &Target<'_>, random: &mut Random) -> bool {
        let scope = &self.fault.scope;
        let fits = scope.operation.as_ref().is_none_or(|operation| operation.eq_ignore_ascii_case(target.operation))
            && (scope.customer.is_none() || scope.customer == target.customer)
            && scope.path.as_ref().is_none_or(|part| target.path.contains(part.as_str()));
        if !fits || scope.times.is_some_and(|times| self.met >= times) {
            return false;
        }
        self.fitted = self.fitted.saturating_add(1);
        if self.fitted <= scope.skip || !random.chance(scope.chance) {
            return false;
        }
        self.met = self.met.saturating_add(1);
        true
    }
}

/// Changes an answer as a fault wants it.
pub(crate) fn apply(fault: &FaultKind, response: BufferedResponse, random: &mut Random) -> BufferedResponse {
    match fault {
        FaultKind::Truncate { keep } => {
            let keep = keep.unwrap_or(response.content.len() / 2).min(response.content.len());
            BufferedResponse { content: response.content.slice(..keep), ..response }
        }
        FaultKind::Garble => {
            let garbled: Vec<u8> = response
                .content
                .iter()
                .map(|byte| if random.chance(0.2) { u8::try_from(random.below(256)).unwrap_or(0) } else { *byte })
                .collect();
            BufferedResponse { content: garbled.into(), ..response }
        }
        FaultKind::EmptyBody => BufferedResponse { content: Bytes::new(), is_api_json: false, ..response },
        FaultKind::ContentType { value } => match HeaderValue::from_str(value) {
            Ok(value) => response.with_header(CONTENT_TYPE, value),
            Err(_) => response,
        },
        FaultKind::UnknownEnum => with_json(response, &mut |members| {
            for name in ["status", "billingCycle", "transactionType", "unitType", "billingType", "contractType"] {
                if let Some(Value::String(text)) = members.get_mut(name) {
                    *text = format!("{text}_of_tomorrow");
                }
            }
        }),
        FaultKind::UnknownMember => with_json(response, &mut |members| {
            members.insert("memberOfTomorrow".to_owned(), serde_json::json!({"isNew": true, "levels": [1, 2.5, null]}));
        }),
        FaultKind::Nulls => with_json(response, &mut |members| {
            for name in ["links", "friendlyName", "currencyCode", "currencySymbol", "attributes", "headers", "client"] {
                if let Some(value) = members.get_mut(name) {
                    *value = Value::Null;
                }
            }
        }),
        FaultKind::DuplicateMember => doubled(response),
        _ => response,
    }
}

/// Changes every object of a JSON answer.
fn with_json(response: BufferedResponse, change: &mut impl FnMut(&mut Map<String, Value>)) -> BufferedResponse {
    let Ok(mut body) = serde_json::from_slice::<Value>(&response.content) else { return response };
    walk(&mut body, change);
    match serde_json::to_vec(&body) {
        Ok(json) => BufferedResponse { content: json.into(), ..response },
        Err(_) => response,
    }
}

fn walk(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(|value| walk(value, change));
            change(members);
        }
        Value::Array(items) => items.iter_mut().for_each(|value| walk(value, change)),
        _ => {}
    }
}

/// Writes the first member of the outermost object twice.
fn doubled(response: BufferedResponse) -> BufferedResponse {
    let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(&response.content) else { return response };
    let Some((name, value)) = members.iter().next() else { return response };
    let first = format!("{{{}:{value},", Value::String(name.clone()));
    let mut twice = first.into_bytes();
    twice.extend_from_slice(response.content.get(1..).unwrap_or_default());
    BufferedResponse { content: twice.into(), ..response }
}

/// The page that a gateway shows.
pub(crate) fn gateway_page(status: u16) -> BufferedResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let reason = status.canonical_reason().unwrap_or("Error");
    let page = format!(
        "<html><head><title>{code} {reason}</title></head><body><h1>{code} {reason}</h1><hr>gateway</body></html>",
        code = status.as_u16()
    );
    BufferedResponse { headers: HeaderMap::new(), ..BufferedResponse::text(status, "text/html", page) }
        .with_header(CONTENT_TYPE, HeaderValue::from_static("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(operation: &str) -> Target<'_> {
        Target { operation, customer: None, path: "/v1/customers/c/orders" }
    }

    fn plan(fault: Fault) -> Plan {
        let mut plan = Plan::new(Random::new(1));
        plan.add(fault);
        plan
    }

    #[test]
    fn a_fault_skips_meets_and_ends() {
        let mut plan = plan(Fault::new(FaultKind::Garble).on("get_order").skip(1).times(2));
        let met: Vec<_> = (0..5).map(|_| plan.draw(&target("get_order")).len()).collect();
        assert_eq!(met, [0, 1, 1, 0, 0]);
    }

    #[test]
    fn a_fault_leaves_other_operations_alone() {
        let mut plan = plan(Fault::new(FaultKind::Garble).on("get_order"));
        assert!(plan.draw(&target("list_orders")).is_empty());
    }

    #[test]
    fn chance_follows_the_seed() {
        let draws = || {
            let mut plan = plan(Fault::new(FaultKind::Garble).chance(0.5));
            (0..50).map(|_| plan.draw(&target("get_order")).len()).collect::<Vec<_>>()
        };
        assert_eq!(draws(), draws());
        assert!((10..40).contains(&draws().iter().sum::<usize>()));
    }

    #[test]
    fn faults_survive_json() {
        for fault in [
            Fault::new(FaultKind::throttled(7)).on("get_order").times(1),
            Fault::new(FaultKind::Drip { bytes: 3, seconds: 0.5 }).skip(2),
            Fault::new(FaultKind::status_after_effect(503)).of_customer(Uuid::from_u128(3)).chance(0.25),
        ] {
            let json = serde_json::to_string(&fault).unwrap();
            assert_eq!(serde_json::from_str::<Fault>(&json).unwrap(), fault, "{json}");
        }
    }

    #[test]
    fn a_fault_with_a_slip_of_the_pen_is_refused() {
        for json in [r#"{"kind":"reset"}"#, r#"{"kind":"garble","time":1}"#, r#"{"kind":"gremlin"}"#, r#"{"times":1}"#]
        {
            assert!(serde_json::from_str::<Fault>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_doubled_member_stands_twice() {
        let response = BufferedResponse::json(StatusCode::OK, &serde_json::json!({"id": "x"}));
        let doubled = apply(&FaultKind::DuplicateMember, response, &mut Random::new(1));
        assert_eq!(&doubled.content[..], br#"{"id":"x","id":"x"}"#);
    }
}
