//! The wrapper through its public interface, against a service in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub, reason = "tests")]

mod first_order;
mod support;
