#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
//!
//! ## Where things are
//!
//! - [`Emulator::builder`] starts an emulator, on a socket or in memory ([`EmulatorBuilder::in_memory`], [`EmulatorService`]).
//! - [`Clock`] moves its time: carts expire, orders are provisioned, tokens expire.
//! - [`Fault`] makes chosen requests fail.
//! - [`Emulator::exchanges`], [`Emulator::counts`] and [`Emulator::orders`] report what happened.

mod api;
mod body_memory;
mod builder;
mod catalog;
mod check;
mod clock;
mod connection;
mod control;
mod dispatch;
mod emulator;
mod error_response;
mod faults;
mod guard;
mod idempotency;
mod identity;
mod log;
mod random;
mod rate_limit;
mod request;
mod respond;
mod route;
mod scenario;
mod seed;
mod server;
mod service;
mod settings;
mod shared;
mod state;
mod sync;
#[cfg(feature = "tls")]
mod tls;
mod wire;

pub use builder::{EmulatorBuilder, StartError};
pub use catalog::{CatalogItem, ItemKind};
pub use check::{CheckedResponse, ResponseCheck};
pub use clock::Clock;
pub use emulator::Emulator;
pub use faults::{Fault, FaultKind, ResetPoint};
pub use log::Exchange;
pub use scenario::{Scenario, ScenarioError};
pub use service::EmulatorService;
pub use settings::{
    Capitals, CheckoutWithLineErrors, ClosedWindow, CodeForm, Environment, ExpiredCart, ImmediateChange,
    MalformedRequestId, OmittedMembers, PartnerKind, ProductionCancellation, RepeatedCheckout, RequestIds,
    ReservationSubscription, RetryAfterForm, ReusedRequestId, SandboxCancellation, ScheduleWithoutRenewal, Settings,
    SoftwareTerm, StaleEtag, SubscriptionChanges, SuccessStatus, ThrottleBody, UnknownItems,
};
#[cfg(feature = "tls")]
pub use tls::TlsError;
pub use wire::body::{ConnectionFault, ResponseBody};
