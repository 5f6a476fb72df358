//! The wrapper through its public interface, against a service in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub, reason = "tests")]

mod attachments;
mod authentication;
mod emulated;
mod errors;
mod first_order;
mod helpers;
mod http2;
mod leaks;
mod limits;
mod lists;
mod mfa;
mod optional_credentials;
mod proxies;
mod rate_limit;
mod resuming;
mod retries;
mod settings;
mod subscriptions;
mod support;
mod threads;
mod token_cache;
mod writes;
