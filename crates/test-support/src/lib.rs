//! What the tests of several crates share.
//!
//! What only one crate's tests need lies with them. Nothing here knows the client or the emulator, so that the tests of both can
//! use it, and of the features each takes only what it needs. `partner-center-testing` is for the tests of users.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "only tests use this, and a test may fail")]

#[cfg(feature = "http")]
pub mod http;
pub mod listed;
pub mod program;
pub mod proxy;
#[cfg(feature = "tls")]
pub mod tls;
