//! The state that all parts of an emulator share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use http::HeaderMap;

use crate::body_memory::BodyMemory;
use crate::check::{CheckedResponse, ResponseCheck};
use crate::clock::Clock;
use crate::error_response::ErrorResponse;
use crate::faults::plan::Plan;
use crate::idempotency::Idempotency;
use crate::identity::platform::IdentityPlatform;
use crate::identity::tokens::{Caller, TokenValidation};
use crate::log::Log;
use crate::random::Random;
use crate::rate_limit::RateLimit;
use crate::route::Operation;
use crate::settings::Settings;
use crate::state::State;
use crate::sync::lock;
use crate::wire::response::BufferedResponse;

/// How many findings of the response check are kept.
const MAX_VIOLATIONS: usize = 1000;

/// The shared state of one emulator.
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    settings: RwLock<Arc<Settings>>,
    pub(crate) state: Mutex<State>,
    pub(crate) identity_platform: Mutex<IdentityPlatform>,
    /// The origins under which clients reach the emulator.
    origins: RwLock<Arc<[String]>>,
    /// Random values for headers and for responses that faults change.
    pub(crate) random: Mutex<Random>,
    pub(crate) idempotency: Idempotency,
    pub(crate) rate_limit: Mutex<RateLimit>,
    pub(crate) plan: Mutex<Plan>,
    pub(crate) log: Mutex<Log>,
    check: Option<Arc<dyn ResponseCheck>>,
    violations: Mutex<Vec<String>>,
    pub(crate) counters: Counters,
    pub(crate) body_memory: BodyMemory,
}

/// The initial values of the shared state.
pub(crate) struct Initial {
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) state: State,
    pub(crate) identity_platform: IdentityPlatform,
    pub(crate) origin: String,
    pub(crate) seed: u64,
    pub(crate) check: Option<Arc<dyn ResponseCheck>>,
}

/// How often things happened, in addition to the effects on the state.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) requests: AtomicU64,
    pub(crate) repeated: AtomicU64,
    pub(crate) throttled: AtomicU64,
    pub(crate) faults: AtomicU64,
    /// Everything that may have changed the state.
    pub(crate) changes: AtomicU64,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shared").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn new(initial: Initial) -> Self {
        let Initial { clock, settings, state, identity_platform, origin, seed, check } = initial;
        Self {
            clock,
            settings: RwLock::new(Arc::new(settings)),
            state: Mutex::new(state),
            identity_platform: Mutex::new(identity_platform),
            origins: RwLock::new(Arc::new([origin])),
            random: Mutex::new(Random::stream(seed, "headers")),
            idempotency: Idempotency::default(),
            rate_limit: Mutex::default(),
            plan: Mutex::new(Plan::new(Random::stream(seed, "faults"))),
            log: Mutex::default(),
            check,
            violations: Mutex::default(),
            counters: Counters::default(),
            body_memory: BodyMemory::default(),
        }
    }

    /// Returns the current settings.
    pub(crate) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn configure(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.settings.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut settings));
    }

    pub(crate) fn origins(&self) -> Arc<[String]> {
        Arc::clone(&self.origins.read().unwrap_or_else(PoisonError::into_inner))
    }

    #[cfg(feature = "tls")]
    pub(crate) fn add_origin(&self, origin: String) {
        let mut origins = self.origins.write().unwrap_or_else(PoisonError::into_inner);
        *origins = origins.iter().cloned().chain([origin]).collect();
    }

    /// Returns the caller that the token in these headers authenticates, or the error response.
    pub(crate) fn caller(&self, headers: &HeaderMap, settings: &Settings) -> Result<Caller, ErrorResponse> {
        let origins = self.origins();
        let identity_platform = lock(&self.identity_platform);
        TokenValidation {
            settings,
            directory: &identity_platform.directory,
            authorities: &origins,
            now: self.clock.now(),
        }
        .caller(headers)
    }

    /// Checks a response against the contract, if a check is configured. Returns what the check found.
    pub(crate) fn check(&self, operation: Operation, response: &BufferedResponse) -> Option<String> {
        let check = self.check.as_ref().filter(|_| operation.is_in_contract())?;
        let method = operation.method();
        let found = check.check(&CheckedResponse {
            operation: operation.id(),
            method: method.as_str(),
            path: operation.path(),
            status: response.status.as_u16(),
            content_type: response.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()),
            body: &response.content,
        });
        let found = found.err()?;
        let mut violations = lock(&self.violations);
        if violations.len() < MAX_VIOLATIONS {
            violations.push(format!("{} responded with {}: {found}", operation.id(), response.status.as_u16()));
        }
        Some(found)
    }

    pub(crate) fn violations(&self) -> Vec<String> {
        lock(&self.violations).clone()
    }

    /// Returns all counts, by name.
    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        let Counters { requests, repeated, throttled, faults, .. } = &self.counters;
        let own = [("requests", requests), ("repeated", repeated), ("throttled", throttled), ("faults", faults)]
            .map(|(name, count)| (name.to_owned(), count.load(Ordering::Relaxed)));
        let rejected = ("bodiesRefused".to_owned(), self.body_memory.rejected());
        let state = lock(&self.state);
        let effects = state.effects.counts().iter().map(|(name, count)| ((*name).to_owned(), *count));
        own.into_iter().chain([rejected]).chain(effects).collect()
    }
}
