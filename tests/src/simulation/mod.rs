//! The simulation, which checks that no order is lost or duplicated: the real client against the emulator's service, under
//! faults.
//!
//! One seed is one world: settings of the service, a plan of faults, several tasks that buy, change and read, calls that are
//! dropped at any moment and resumed later, clocks that jump. Everything runs on one thread, in memory, on a paused clock, so
//! that a seed always has the same trace and a virtual day takes a moment. Afterwards the emulator's state is compared with
//! what the client reported.

mod checks;
mod connection;
mod crowd;
mod ledger;
mod lock;
mod offers;
mod plan;
mod process;
mod seen;
mod tasks;
mod trace;
mod wire;
mod world;
mod writes;

pub use connection::KINDS as CONNECTION_FAULTS;
pub use plan::{Layer, Options, Reading, fault_kinds, operations};
pub use trace::Trace;
pub use world::{Outcome, Tally, run};
