//! What stands between a call and the network: ids, retry, rate limit, bearer token, one attempt.
//!
//! Each layer is a module; [`Pipeline`] puts them together, outermost first.

mod attempt;
mod bearer;
mod dated;
mod deadline;
mod headers;
mod network;
mod observe;
mod pipeline;
mod rate_limit;
mod rate_limiter;
mod retry;
mod retry_after;
mod send;
mod verdict;

use std::time::Duration;

pub(crate) use self::attempt::Limits;
pub(crate) use self::bearer::Signer;
pub(crate) use self::dated::Dated;
pub(crate) use self::deadline::Deadline;
pub(crate) use self::headers::{Ids, StandingHeaders};
pub(crate) use self::network::{Configure, Network, NotMade, Recipe};
pub(crate) use self::pipeline::{CallExchange, CallRecord, EachCall, Pipeline};
pub use self::rate_limit::RateLimit;
pub use self::retry::{RetryPolicy, RetryWrites};
pub(crate) use self::retry_after::retry_after;
pub use self::send::SendRequest;

/// As long as anything waits: 30 years, which is also the longest that tokio sleeps. The clock could not count all that a
/// service may ask for.
const AGES: Duration = Duration::from_secs(946_080_000);
