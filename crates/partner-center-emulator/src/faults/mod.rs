//! Injected faults: what goes wrong, for which requests, and how often.

pub(crate) mod apply;
mod fault;
mod kind;
pub(crate) mod plan;

pub use fault::Fault;
pub use kind::{FaultKind, ResetPoint};
