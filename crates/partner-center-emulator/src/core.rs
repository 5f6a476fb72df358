//! What all parts of an emulator share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use http::HeaderMap;

use crate::body_memory::BodyMemory;
use crate::check::{AnswerCheck, CheckedAnswer};
use crate::clock::Clock;
use crate::faults::Plan;
use crate::idempotency::Idempotency;
use crate::identity::endpoints::SignIn;
use crate::identity::tokens::{Caller, Demands};
use crate::log::Log;
use crate::random::Random;
use crate::refusal::Refusal;
use crate::route::Operation;
use crate::settings::Settings;
use crate::shared::lock;
use crate::state::World;
use crate::throttle::Throttle;
use crate::wire::answer::Answer;

/// How many findings of the check of answers are kept.
const MOST_VIOLATIONS: usize = 1000;

/// The inside of one emulator.
pub(crate) struct Core {
    pub(crate) clock: Clock,
    settings: RwLock<Arc<Settings>>,
    pub(crate) world: Mutex<World>,
    pub(crate) sign_in: Mutex<SignIn>,
    /// The origins that the emulator is reached at.
    origins: RwLock<Arc<[String]>>,
    /// Draws for headers and for answers that faults spoil.
    pub(crate) random: Mutex<Random>,
    pub(crate) idempotency: Idempotency,
    pub(crate) throttle: Mutex<Throttle>,
    pub(crate) plan: Mutex<Plan>,
    pub(crate) log: Mutex<Log>,
    check: Option<Arc<dyn AnswerCheck>>,
    violations: Mutex<Vec<String>>,
    pub(crate) tally: Tally,
    pub(crate) body_memory: BodyMemory,
}

/// What an emulator begins with.
pub(crate) struct Beginning {
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) world: World,
    pub(crate) sign_in: SignIn,
    pub(crate) origin: String,
    pub(crate) seed: u64,
    pub(crate) check: Option<Arc<dyn AnswerCheck>>,
}

/// How often things happened besides the effects on the state.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) requests: AtomicU64,
    pub(crate) repeated: AtomicU64,
    pub(crate) throttled: AtomicU64,
    pub(crate) faults: AtomicU64,
    /// Whatever may have changed the state.
    pub(crate) changes: AtomicU64,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Core").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl Core {
    pub(crate) fn new(beginning: Beginning) -> Self {
        let Beginning { clock, settings, world, sign_in, origin, seed, check } = beginning;
        Self {
            clock,
            settings: RwLock::new(Arc::new(settings)),
            world: Mutex::new(world),
            sign_in: Mutex::new(sign_in),
            origins: RwLock::new(Arc::new([origin])),
            random: Mutex::new(Random::stream(seed, "headers")),
            idempotency: Idempotency::default(),
            throttle: Mutex::default(),
            plan: Mutex::new(Plan::new(Random::stream(seed, "faults"))),
            log: Mutex::default(),
            check,
            violations: Mutex::default(),
            tally: Tally::default(),
            body_memory: BodyMemory::default(),
        }
    }

    /// The settings as they are now.
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

    /// Who calls, by the token among these headers, or why the call isn't let in.
    pub(crate) fn caller(&self, headers: &HeaderMap, settings: &Settings) -> Result<Caller, Refusal> {
        let origins = self.origins();
        let sign_in = lock(&self.sign_in);
        Demands { settings, directory: &sign_in.directory, authorities: &origins, now: self.clock.now() }
            .caller(headers)
    }

    /// Holds an answer against the contract, if somebody wants that. Says what was found.
    pub(crate) fn check(&self, operation: Operation, answer: &Answer) -> Option<String> {
        let check = self.check.as_ref().filter(|_| operation.is_in_contract())?;
        let method = operation.method();
        let found = check.check(&CheckedAnswer {
            operation: operation.id(),
            method: method.as_str(),
            path: operation.path(),
            status: answer.status.as_u16(),
            content_type: answer.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()),
            body: &answer.content,
        });
        let found = found.err()?;
        let mut violations = lock(&self.violations);
        if violations.len() < MOST_VIOLATIONS {
            violations.push(format!("{} answered {}: {found}", operation.id(), answer.status.as_u16()));
        }
        Some(found)
    }

    pub(crate) fn violations(&self) -> Vec<String> {
        lock(&self.violations).clone()
    }

    /// All counts, by name.
    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        let Tally { requests, repeated, throttled, faults, .. } = &self.tally;
        let own = [("requests", requests), ("repeated", repeated), ("throttled", throttled), ("faults", faults)]
            .map(|(name, count)| (name.to_owned(), count.load(Ordering::Relaxed)));
        let refused = ("bodiesRefused".to_owned(), self.body_memory.refused());
        let world = lock(&self.world);
        let effects = world.effects.counts().iter().map(|(name, count)| ((*name).to_owned(), *count));
        own.into_iter().chain([refused]).chain(effects).collect()
    }
}
