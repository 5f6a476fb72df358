//! A stand-in for the order area of Microsoft's Partner Center API, which has no public server to test against.
//!
//! It runs inside a test, or as a server of its own for programs in any language, and speaks as the service does, as far as
//! that is documented or recorded. Where it isn't, what the emulator does is a choice, listed in [`Settings`] with the other
//! readings that can be switched on.

#![allow(
    dead_code,
    unreachable_pub,
    dropping_references,
    unused_imports,
    clippy::all,
    clippy::pedantic,
    reason = "what carries faults, idempotency and the log is built before it is switched on"
)]

mod api;
mod catalog;
mod clock;
mod connection;
mod core;
mod emulator;
mod identity;
mod random;
mod refusal;
mod route;
mod seed;
mod server;
mod service;
mod settings;
mod state;
mod wire;

pub use clock::Clock;
pub use emulator::{Emulator, EmulatorBuilder, StartError};
pub use service::EmulatorService;
pub use settings::{
    Capitals, CheckoutWithLineErrors, CodeForm, Environment, ExpiredCart, MalformedRequestId, PartnerKind,
    ProductionCancellation, RepeatedCheckout, RequestIds, ReservationSubscription, RetryAfterForm, ReusedRequestId,
    SandboxCancellation, Settings, SoftwareTerm, StaleEtag, SuccessStatus, ThrottleBody, UnknownItems,
};
pub use wire::body::{AnswerBody, ConnectionFault};
