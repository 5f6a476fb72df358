//! What all parts of an emulator share.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use crate::clock::Clock;
use crate::identity::endpoints::SignIn;
use crate::random::Random;
use crate::settings::Settings;
use crate::state::World;

/// The inside of one emulator.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) clock: Clock,
    pub(crate) settings: RwLock<Settings>,
    pub(crate) world: Mutex<World>,
    pub(crate) sign_in: Mutex<SignIn>,
    /// The origins that the emulator is reached at.
    pub(crate) origins: RwLock<Vec<String>>,
    /// Draws for headers and other by-work.
    pub(crate) random: Mutex<Random>,
}

impl Core {
    /// The settings as they are now.
    pub(crate) fn settings(&self) -> Settings {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn origins(&self) -> Vec<String> {
        self.origins.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Locks, whatever became of whoever held the lock before: state is changed in whole steps.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
