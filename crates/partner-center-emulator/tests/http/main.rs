//! The emulator over HTTP, one module per topic. Every response is checked against the contract.

#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod attachments;
mod authentication;
mod carts;
mod control;
mod faults;
mod hostile;
#[path = "../../examples/support/http_client.rs"]
mod http_client;
mod idempotency;
mod in_process;
mod kept_members;
mod order_changes;
mod orders;
mod rate_limit;
mod reads;
mod subscription_changes;
mod subscriptions;
mod support;
mod wire;
