//! The control endpoint: what the library offers to tests in Rust, for programs in any language.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::request::Parts;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::catalog::CatalogItem;
use crate::clock::delta;
use crate::dispatch::seconds_of;
use crate::faults::Fault;
use crate::guard::Rejection;
use crate::identity::tokens::Subject;
use crate::scenario::Scenario;
use crate::settings::Settings;
use crate::shared::Shared;
use crate::state::Customer;
use crate::state::orders::Order;
use crate::sync::lock;
use crate::wire::depth::{MAX_DEPTH, is_shallow};
use crate::wire::path::Pairs;
use crate::wire::response::BufferedResponse;

/// The status and message of a failed control request.
struct ControlError(StatusCode, String);

impl From<serde_json::Error> for ControlError {
    fn from(error: serde_json::Error) -> Self {
        Self(StatusCode::BAD_REQUEST, error.to_string())
    }
}

impl ControlError {
    fn not_found() -> Self {
        Self(StatusCode::NOT_FOUND, "unknown address or method: `GET` the control address for the list".to_owned())
    }

    fn bad_request(why: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, why.into())
    }
}

/// The requests of the control endpoint, for its own listing.
const ENDPOINTS: [&str; 20] = [
    "GET / this list",
    "GET /settings returns the settings",
    "PATCH /settings changes the settings in the body",
    "GET /clock returns the time",
    "POST /clock {advance: seconds} or {set: date} moves the clock",
    "GET /faults returns the planned faults",
    "POST /faults plans a fault or a list of faults",
    "DELETE /faults cancels all faults",
    "DELETE /faults/{id} cancels one",
    "GET /exchanges?since={number} returns the logged exchanges",
    "DELETE /exchanges clears the log",
    "GET /counts returns how often things happened",
    "GET /violations returns the findings of the response check",
    "GET /state returns the scenario",
    "PUT /state replaces the scenario",
    "POST /customers {id?, country?, currencyCode?, currencySymbol?} adds a customer",
    "POST /customers/{id}/orders adds an order, given as the service would write it",
    "POST /catalog adds an item",
    "POST /tokens {user?, mfa?, audience?, lifetime?} issues a token; POST /certificates registers a certificate (DER or PEM)",
    "POST /devices/{userCode} completes the sign-in of a device code",
];

/// Handles a control request.
pub(crate) fn handle(
    shared: &Arc<Shared>,
    origin: &str,
    head: &Parts,
    segments: &[String],
    body: &Bytes,
) -> BufferedResponse {
    let segments: Vec<&str> = segments.iter().map(String::as_str).filter(|segment| !segment.is_empty()).collect();
    if head.method != Method::GET {
        shared.counters.changes.fetch_add(1, Ordering::Relaxed);
    }
    let control = Control { shared, origin, body, query: Pairs::read(head.uri.query().unwrap_or_default().as_bytes()) };
    match control.run(&head.method, &segments) {
        Ok(value) => BufferedResponse::plain_json(StatusCode::OK, &value),
        Err(ControlError(status, why)) => BufferedResponse::plain_json(status, &json!({"error": why})),
    }
}

/// Returns the response to a control request that the guard rejects.
pub(crate) fn rejected(Rejection(status, why): &Rejection) -> BufferedResponse {
    BufferedResponse::plain_json(*status, &json!({"error": why}))
}

struct Control<'a> {
    shared: &'a Arc<Shared>,
    origin: &'a str,
    body: &'a Bytes,
    query: Pairs,
}

impl Control<'_> {
    fn run(&self, method: &Method, segments: &[&str]) -> Result<Value, ControlError> {
        match (method.as_str(), segments) {
            ("GET", []) => Ok(json!({"offers": ENDPOINTS})),
            ("GET", ["settings"]) => Ok(serde_json::to_value(&*self.shared.settings())?),
            ("PATCH", ["settings"]) => self.change_settings(),
            ("GET", ["clock"]) => Ok(self.time()),
            ("POST", ["clock"]) => self.move_clock(),
            ("GET", ["faults"]) => Ok(serde_json::to_value(lock(&self.shared.plan).rules())?),
            ("POST", ["faults"]) => self.plan_faults(),
            ("DELETE", ["faults"]) => {
                lock(&self.shared.plan).clear();
                Ok(json!({}))
            }
            ("DELETE", ["faults", id]) => {
                let id = id.parse().map_err(|_| ControlError::not_found())?;
                lock(&self.shared.plan).remove(id).then(|| json!({})).ok_or_else(ControlError::not_found)
            }
            ("GET", ["exchanges"]) => self.exchanges(),
            ("DELETE", ["exchanges"]) => {
                lock(&self.shared.log).clear();
                Ok(json!({}))
            }
            ("GET", ["counts"]) => Ok(serde_json::to_value(self.shared.counts())?),
            ("GET", ["violations"]) => Ok(json!(self.shared.violations())),
            ("GET", ["state"]) => Ok(serde_json::to_value(Scenario::of(&lock(&self.shared.state)))?),
            ("PUT", ["state"]) => {
                // Kept objects are nested deeper here than in requests: the limit is that of a state file.
                let scenario: Scenario = serde_json::from_slice(self.body)?;
                scenario.apply_to(&mut lock(&self.shared.state));
                Ok(json!({}))
            }
            ("POST", ["customers"]) => self.add_customer(),
            ("POST", ["customers", id, "orders"]) => self.add_order(id),
            ("POST", ["catalog"]) => {
                let item: CatalogItem = self.read()?;
                lock(&self.shared.state).catalog.add(item);
                Ok(json!({}))
            }
            ("POST", ["tokens"]) => self.mint(),
            ("POST", ["certificates"]) => self.register_certificate(),
            ("POST", ["devices", code]) => {
                let found = lock(&self.shared.identity_platform).approve_device(code);
                found.then(|| json!({})).ok_or_else(ControlError::not_found)
            }
            _ => Err(ControlError::not_found()),
        }
    }

    fn read<T: DeserializeOwned>(&self) -> Result<T, ControlError> {
        let body: Value = serde_json::from_slice(self.body)?;
        if !is_shallow(&body) {
            return Err(ControlError::bad_request(format!("the body nests deeper than {MAX_DEPTH} levels")));
        }
        Ok(serde_json::from_value(body)?)
    }

    fn change_settings(&self) -> Result<Value, ControlError> {
        let changes: Map<String, Value> = self.read()?;
        // Read and written under one lock, so that no concurrent change is lost.
        let mut result = Ok(Value::Null);
        self.shared.configure(|settings| {
            result = changed(settings, changes).and_then(|new| {
                *settings = new;
                serde_json::to_value(&*settings)
            });
        });
        Ok(result?)
    }

    fn time(&self) -> Value {
        json!({"now": self.shared.clock.now()})
    }

    fn move_clock(&self) -> Result<Value, ControlError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        enum Move {
            Advance(f64),
            Set(DateTime<Utc>),
        }
        match self.read()? {
            Move::Advance(seconds) => self.shared.clock.advance(seconds_of(seconds)),
            Move::Set(to) => self.shared.clock.set(to),
        }
        Ok(self.time())
    }

    fn plan_faults(&self) -> Result<Value, ControlError> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Faults {
            Many(Vec<Value>),
            One(Value),
        }
        let faults = match self.read()? {
            Faults::Many(faults) => faults,
            Faults::One(fault) => vec![fault],
        };
        let faults = faults.into_iter().map(serde_json::from_value::<Fault>).collect::<Result<Vec<_>, _>>()?;
        let mut plan = lock(&self.shared.plan);
        let ids: Vec<u64> = faults.into_iter().map(|fault| plan.add(fault)).collect();
        Ok(json!({"ids": ids}))
    }

    fn exchanges(&self) -> Result<Value, ControlError> {
        let since = match self.query.get("since") {
            None => 0,
            Some(number) => number.parse().map_err(|_| ControlError::bad_request("since must be a number"))?,
        };
        let exchanges = lock(&self.shared.log).since(since);
        let exchanges =
            exchanges.iter().map(|exchange| serde_json::to_value(&**exchange)).collect::<Result<Vec<_>, _>>()?;
        Ok(json!({"exchanges": exchanges}))
    }

    fn add_customer(&self) -> Result<Value, ControlError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct New {
            id: Option<Uuid>,
            country: Option<String>,
            currency_code: Option<String>,
            currency_symbol: Option<String>,
        }
        let new: New = self.read()?;
        let mut state = lock(&self.shared.state);
        let id = new.id.unwrap_or_else(|| state.random.uuid());
        let default = Customer::new(id);
        state.add_customer(Customer {
            country: new.country.unwrap_or(default.country),
            currency_code: new.currency_code.unwrap_or(default.currency_code),
            currency_symbol: new.currency_symbol.unwrap_or(default.currency_symbol),
            ..Customer::new(id)
        });
        Ok(json!({"id": id}))
    }

    fn add_order(&self, customer: &str) -> Result<Value, ControlError> {
        let customer: Uuid = customer.parse().map_err(|_| ControlError::bad_request("the customer must be a GUID"))?;
        let order: Order = self.read()?;
        let id = order.id.clone();
        lock(&self.shared.state).add_order(customer, order, &self.shared.settings(), self.shared.clock.now());
        Ok(json!({"id": id}))
    }

    fn mint(&self) -> Result<Value, ControlError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct NewToken {
            /// Whether the token is for a user rather than the application alone.
            #[serde(default)]
            user: bool,
            #[serde(default = "yes")]
            mfa: bool,
            audience: Option<String>,
            /// Seconds; negative for a token that has expired.
            lifetime: Option<i64>,
        }
        fn yes() -> bool {
            true
        }
        let new: NewToken = self.read()?;
        let settings = self.shared.settings();
        let audience = new.audience.unwrap_or_else(|| settings.audience.clone());
        let subject = if new.user { Subject::User { mfa: new.mfa } } else { Subject::Application };
        let now = self.shared.clock.now();
        let mut identity_platform = lock(&self.shared.identity_platform);
        let token = identity_platform.mint(&subject, &audience, self.origin, now, new.lifetime.unwrap_or(3599));
        let mut response = json!({"accessToken": token});
        if new.user {
            let ends = now + delta(settings.refresh_token_lifetime);
            response["refreshToken"] = json!(identity_platform.mint_refresh_token(new.mfa, &audience, ends));
        }
        Ok(response)
    }

    fn register_certificate(&self) -> Result<Value, ControlError> {
        let der =
            der(self.body).ok_or_else(|| ControlError::bad_request("the body must be a certificate as DER or PEM"))?;
        let usable = lock(&self.shared.identity_platform).certificates.add(der);
        usable.then(|| json!({})).ok_or_else(|| ControlError::bad_request("the body is not a valid certificate"))
    }
}

/// Returns the settings with some of them changed.
fn changed(settings: &Settings, changes: Map<String, Value>) -> Result<Settings, serde_json::Error> {
    let mut all = serde_json::to_value(settings)?;
    if let Value::Object(all) = &mut all {
        all.extend(changes);
    }
    serde_json::from_value(all)
}

/// Returns the DER of a certificate that is given as DER or PEM.
pub(crate) fn der(certificate: &[u8]) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let Ok(text) = std::str::from_utf8(certificate) else { return Some(certificate.to_vec()) };
    let (_, rest) = text.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let body: String = body.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(body).ok()
}
