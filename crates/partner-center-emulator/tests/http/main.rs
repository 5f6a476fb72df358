//! The emulator over HTTP, one module for each thing that it stands for. Every answer is held against the contract.

#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod attachments;
mod carts;
mod changes;
mod control;
mod faults;
mod hostile;
#[path = "../../examples/support/http_client.rs"]
mod http_client;
mod idempotency;
mod in_process;
mod orders;
mod reads;
mod sign_in;
mod subscriptions;
mod support;
mod throttle;
mod wire;
