//! The layers between a call and the network, each of them named below and in a file of its own.
//!
//! A generated client gives its request to [`CallState`], which is its transport (see [`entry`]). From there the request passes
//! through these layers, outermost first:
//!
//! 1. [`ids`]: the headers that all attempts of a call carry, and the span around the call;
//! 2. [`retry`]: attempts until one settles the call, or no further one may be made;
//! 3. [`permit`]: the rate limit and the bearer token;
//! 4. [`attempt`]: one request with its response and body, and the span around them.
//!
//! Each is a function that gets the one [`CallState`] by reference. What calls of one client share is in [`Shared`].
//!
//! Futures are given on to combinators rather than awaited in functions that take them: an `async fn` keeps what it is given
//! in addition to what it awaits, so that each layer would double the size of a call, and the time to move it. Requests are
//! boxed, and whatever most calls don't need: a call that fits into a kilobyte is cheap to allocate.

mod attempt;
mod bearer;
mod call_state;
mod dated;
mod deadline;
mod decision;
mod entry;
mod headers;
mod ids;
mod network;
mod observe;
mod permit;
mod rate_limit;
mod rate_limiter;
mod retry;
mod shared;

pub(crate) use self::bearer::Signer;
pub(crate) use self::call_state::{CallState, Progress};
pub(crate) use self::dated::Dated;
pub(crate) use self::deadline::Deadline;
pub(crate) use self::entry::StatePerCall;
pub(crate) use self::headers::{Ids, StandingHeaders};
pub(crate) use self::network::{Configure, HttpClientError, HttpSettings, Network};
pub use self::rate_limit::RateLimit;
pub(crate) use self::shared::{Limits, Shared};
