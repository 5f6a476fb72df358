#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
//!
//! ## Where things are
//!
//! - [`Emulator::builder`] starts one, on a socket or in memory ([`EmulatorBuilder::in_memory`], [`EmulatorService`]).
//! - [`Clock`] moves its time: carts expire, orders are provisioned, tokens end.
//! - [`Fault`] makes things go wrong, at the call that a test is about.
//! - [`Emulator::exchanges`], [`Emulator::counts`] and [`Emulator::orders`] report what happened.

mod api;
mod body_memory;
mod catalog;
mod check;
mod clock;
mod connection;
mod control;
mod core;
mod emulator;
mod faults;
mod finish;
mod guard;
mod idempotency;
mod identity;
mod intake;
mod log;
mod random;
mod refusal;
mod route;
mod scenario;
mod seed;
mod server;
mod service;
mod settings;
mod shared;
mod state;
mod throttle;
#[cfg(feature = "tls")]
mod tls;
mod wire;
mod work;

pub use catalog::{CatalogItem, ItemKind};
pub use check::{AnswerCheck, CheckedAnswer};
pub use clock::Clock;
pub use emulator::{Emulator, EmulatorBuilder, StartError};
pub use faults::{Fault, FaultKind, ResetPoint};
pub use log::Exchange;
pub use scenario::{Scenario, ScenarioError};
pub use service::EmulatorService;
pub use settings::{
    Capitals, CheckoutWithLineErrors, CodeForm, Environment, ExpiredCart, MalformedRequestId, PartnerKind,
    ProductionCancellation, RepeatedCheckout, RequestIds, ReservationSubscription, RetryAfterForm, ReusedRequestId,
    SandboxCancellation, Settings, SoftwareTerm, StaleEtag, SuccessStatus, ThrottleBody, UnknownItems,
};
#[cfg(feature = "tls")]
pub use tls::TlsError;
pub use wire::body::{AnswerBody, ConnectionFault};
