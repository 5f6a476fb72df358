//! The control endpoint: what tests in Rust do with the library, for programs in any language.

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
use crate::core::Core;
use crate::faults::Fault;
use crate::guard::Barred;
use crate::identity::tokens::Subject;
use crate::scenario::Scenario;
use crate::settings::Settings;
use crate::shared::lock;
use crate::state::Customer;
use crate::state::orders::Order;
use crate::wire::answer::Answer;
use crate::wire::depth::{MAX_DEPTH, is_shallow};
use crate::wire::path::Pairs;
use crate::work::seconds_of;

/// Why a control request isn't done.
struct Complaint(StatusCode, String);

impl From<serde_json::Error> for Complaint {
    fn from(error: serde_json::Error) -> Self {
        Self(StatusCode::BAD_REQUEST, error.to_string())
    }
}

impl Complaint {
    fn nothing() -> Self {
        Self(StatusCode::NOT_FOUND, "There is nothing here; see GET on the control address itself.".to_owned())
    }

    fn bad(why: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, why.into())
    }
}

/// What the control endpoint offers, for whoever asks it.
const OFFERS: [&str; 20] = [
    "GET / this list",
    "GET /settings the choices as they are",
    "PATCH /settings changes those that the body names",
    "GET /clock what time it is",
    "POST /clock {advance: seconds} or {set: date} moves the clock",
    "GET /faults the planned faults",
    "POST /faults one fault or a list of them",
    "DELETE /faults forgets all of them",
    "DELETE /faults/{id} forgets one",
    "GET /exchanges?since={number} what came and went",
    "DELETE /exchanges forgets them",
    "GET /counts how often things happened",
    "GET /violations what the check of answers found",
    "GET /state the scenario as it is",
    "PUT /state puts another in its place",
    "POST /customers {id?, country?, currencyCode?, currencySymbol?} adds a customer",
    "POST /customers/{id}/orders adds an order, given as the service would write it",
    "POST /catalog adds an item",
    "POST /tokens {user?, mfa?, audience?, lifetime?} makes a token; POST /certificates registers one (DER or PEM)",
    "POST /devices/{userCode} lets the user of a device code sign in",
];

/// Answers a control request.
pub(crate) fn answer(core: &Arc<Core>, origin: &str, head: &Parts, segments: &[String], body: &Bytes) -> Answer {
    let segments: Vec<&str> = segments.iter().map(String::as_str).filter(|segment| !segment.is_empty()).collect();
    if head.method != Method::GET {
        core.tally.changes.fetch_add(1, Ordering::Relaxed);
    }
    let control = Control { core, origin, body, query: Pairs::read(head.uri.query().unwrap_or_default().as_bytes()) };
    match control.run(&head.method, &segments) {
        Ok(value) => Answer::plain_json(StatusCode::OK, &value),
        Err(Complaint(status, why)) => Answer::plain_json(status, &json!({"error": why})),
    }
}

/// Answers a control request that doesn't pass the guard.
pub(crate) fn barred(Barred(status, why): &Barred) -> Answer {
    Answer::plain_json(*status, &json!({"error": why}))
}

struct Control<'a> {
    core: &'a Arc<Core>,
    origin: &'a str,
    body: &'a Bytes,
    query: Pairs,
}

impl Control<'_> {
    fn run(&self, method: &Method, segments: &[&str]) -> Result<Value, Complaint> {
        match (method.as_str(), segments) {
            ("GET", []) => Ok(json!({"offers": OFFERS})),
            ("GET", ["settings"]) => Ok(serde_json::to_value(&*self.core.settings())?),
            ("PATCH", ["settings"]) => self.change_settings(),
            ("GET", ["clock"]) => Ok(self.time()),
            ("POST", ["clock"]) => self.move_clock(),
            ("GET", ["faults"]) => Ok(serde_json::to_value(lock(&self.core.plan).rules())?),
            ("POST", ["faults"]) => self.plan_faults(),
            ("DELETE", ["faults"]) => {
                lock(&self.core.plan).clear();
                Ok(json!({}))
            }
            ("DELETE", ["faults", id]) => {
                let id = id.parse().map_err(|_| Complaint::nothing())?;
                lock(&self.core.plan).remove(id).then(|| json!({})).ok_or_else(Complaint::nothing)
            }
            ("GET", ["exchanges"]) => self.exchanges(),
            ("DELETE", ["exchanges"]) => {
                lock(&self.core.log).clear();
                Ok(json!({}))
            }
            ("GET", ["counts"]) => Ok(serde_json::to_value(self.core.counts())?),
            ("GET", ["violations"]) => Ok(json!(self.core.violations())),
            ("GET", ["state"]) => Ok(serde_json::to_value(Scenario::of(&lock(&self.core.world)))?),
            ("PUT", ["state"]) => {
                // What is kept lies deeper in it than what was sent: it may be as deep as a file of the state.
                let scenario: Scenario = serde_json::from_slice(self.body)?;
                scenario.put_into(&mut lock(&self.core.world));
                Ok(json!({}))
            }
            ("POST", ["customers"]) => self.add_customer(),
            ("POST", ["customers", id, "orders"]) => self.add_order(id),
            ("POST", ["catalog"]) => {
                let item: CatalogItem = self.read()?;
                lock(&self.core.world).catalog.add(item);
                Ok(json!({}))
            }
            ("POST", ["tokens"]) => self.mint(),
            ("POST", ["certificates"]) => self.register_certificate(),
            ("POST", ["devices", code]) => {
                let found = lock(&self.core.sign_in).approve_device(code);
                found.then(|| json!({})).ok_or_else(Complaint::nothing)
            }
            _ => Err(Complaint::nothing()),
        }
    }

    fn read<T: DeserializeOwned>(&self) -> Result<T, Complaint> {
        let body: Value = serde_json::from_slice(self.body)?;
        if !is_shallow(&body) {
            return Err(Complaint::bad(format!("the body nests deeper than {MAX_DEPTH} levels")));
        }
        Ok(serde_json::from_value(body)?)
    }

    fn change_settings(&self) -> Result<Value, Complaint> {
        let changes: Map<String, Value> = self.read()?;
        // Read and written under one lock, so that no change of somebody else gets lost.
        let mut result = Ok(Value::Null);
        self.core.configure(|settings| {
            result = changed(settings, changes).and_then(|new| {
                *settings = new;
                serde_json::to_value(&*settings)
            });
        });
        Ok(result?)
    }

    fn time(&self) -> Value {
        json!({"now": self.core.clock.now()})
    }

    fn move_clock(&self) -> Result<Value, Complaint> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        enum Move {
            Advance(f64),
            Set(DateTime<Utc>),
        }
        match self.read()? {
            Move::Advance(seconds) => self.core.clock.advance(seconds_of(seconds)),
            Move::Set(to) => self.core.clock.set(to),
        }
        Ok(self.time())
    }

    fn plan_faults(&self) -> Result<Value, Complaint> {
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
        let mut plan = lock(&self.core.plan);
        let ids: Vec<u64> = faults.into_iter().map(|fault| plan.add(fault)).collect();
        Ok(json!({"ids": ids}))
    }

    fn exchanges(&self) -> Result<Value, Complaint> {
        let since = match self.query.get("since") {
            None => 0,
            Some(number) => number.parse().map_err(|_| Complaint::bad("since must be a number"))?,
        };
        let exchanges = lock(&self.core.log).since(since);
        let exchanges =
            exchanges.iter().map(|exchange| serde_json::to_value(&**exchange)).collect::<Result<Vec<_>, _>>()?;
        Ok(json!({"exchanges": exchanges}))
    }

    fn add_customer(&self) -> Result<Value, Complaint> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct New {
            id: Option<Uuid>,
            country: Option<String>,
            currency_code: Option<String>,
            currency_symbol: Option<String>,
        }
        let new: New = self.read()?;
        let mut world = lock(&self.core.world);
        let id = new.id.unwrap_or_else(|| world.random.uuid());
        let usual = Customer::new(id);
        world.add_customer(Customer {
            country: new.country.unwrap_or(usual.country),
            currency_code: new.currency_code.unwrap_or(usual.currency_code),
            currency_symbol: new.currency_symbol.unwrap_or(usual.currency_symbol),
            ..Customer::new(id)
        });
        Ok(json!({"id": id}))
    }

    fn add_order(&self, customer: &str) -> Result<Value, Complaint> {
        let customer: Uuid = customer.parse().map_err(|_| Complaint::bad("the customer must be a GUID"))?;
        let order: Order = self.read()?;
        let id = order.id.clone();
        lock(&self.core.world).add_order(customer, order, &self.core.settings(), self.core.clock.now());
        Ok(json!({"id": id}))
    }

    fn mint(&self) -> Result<Value, Complaint> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct Wish {
            /// Whether a user signs in, rather than the application as itself.
            #[serde(default)]
            user: bool,
            #[serde(default = "yes")]
            mfa: bool,
            audience: Option<String>,
            /// Seconds; below zero for a token that has expired.
            lifetime: Option<i64>,
        }
        fn yes() -> bool {
            true
        }
        let wish: Wish = self.read()?;
        let settings = self.core.settings();
        let audience = wish.audience.unwrap_or_else(|| settings.audience.clone());
        let subject = if wish.user { Subject::User { mfa: wish.mfa } } else { Subject::Application };
        let now = self.core.clock.now();
        let mut sign_in = lock(&self.core.sign_in);
        let token = sign_in.mint(&subject, &audience, self.origin, now, wish.lifetime.unwrap_or(3599));
        let mut answer = json!({"accessToken": token});
        if wish.user {
            let ends = now + delta(settings.refresh_token_lifetime);
            answer["refreshToken"] = json!(sign_in.mint_refresh_token(wish.mfa, &audience, ends));
        }
        Ok(answer)
    }

    fn register_certificate(&self) -> Result<Value, Complaint> {
        let der = der(self.body).ok_or_else(|| Complaint::bad("the body must be a certificate as DER or PEM"))?;
        let usable = lock(&self.core.sign_in).certificates.add(der);
        usable.then(|| json!({})).ok_or_else(|| Complaint::bad("the body is no certificate"))
    }
}

/// Settings with some of them changed.
fn changed(settings: &Settings, changes: Map<String, Value>) -> Result<Settings, serde_json::Error> {
    let mut all = serde_json::to_value(settings)?;
    if let Value::Object(all) = &mut all {
        all.extend(changes);
    }
    serde_json::from_value(all)
}

/// The DER of a certificate that may be written as PEM.
pub(crate) fn der(certificate: &[u8]) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let Ok(text) = std::str::from_utf8(certificate) else { return Some(certificate.to_vec()) };
    let (_, rest) = text.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let body: String = body.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(body).ok()
}
