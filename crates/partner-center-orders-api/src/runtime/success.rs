//! The successes of operations that can respond before the work is done.

use std::fmt;

use bytes::Bytes;

/// A success of an operation that can also respond with 202 (Accepted): callers have to distinguish the two.
///
/// `A` is what is known of the accepted request; the wrapper has a type of its own for it.
///
/// ```
/// use partner_center_orders_api::runtime::Success;
/// use partner_center_orders_api::types::Subscription;
///
/// fn report(changed: &Success<Subscription>) -> String {
///     match changed {
///         Success::Done(subscription) => format!("{} is {}", subscription.id, subscription.status),
///         Success::Accepted(accepted) => format!("in progress: look at {:?}", accepted.location()),
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "the request may be accepted only, and not done yet"]
pub enum Success<T, A = Accepted<T>> {
    /// The service has done what was requested, and this is the result.
    Done(T),
    /// The service has accepted the request and goes on with it (202).
    Accepted(A),
}

impl<T, A> Success<T, A> {
    /// Whether the service has done what was requested.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// Returns the result, unless the request is only accepted.
    pub fn done(self) -> Option<T> {
        match self {
            Self::Done(value) => Some(value),
            Self::Accepted(_) => None,
        }
    }

    /// Returns what is known of the accepted request, unless it is done.
    pub fn accepted(self) -> Option<A> {
        match self {
            Self::Done(_) => None,
            Self::Accepted(accepted) => Some(accepted),
        }
    }

    /// Borrows the value.
    pub fn as_ref(&self) -> Success<&T, &A> {
        match self {
            Self::Done(value) => Success::Done(value),
            Self::Accepted(accepted) => Success::Accepted(accepted),
        }
    }

    /// Returns the same success with another type for an accepted request.
    pub fn map_accepted<B>(self, change: impl FnOnce(A) -> B) -> Success<T, B> {
        match self {
            Self::Done(value) => Success::Done(value),
            Self::Accepted(accepted) => Success::Accepted(change(accepted)),
        }
    }
}

/// A request that the service has accepted and is still working on (202): where to look, and what the response held.
///
/// Nothing of the response is lost: its body is kept as received, and is also read if it is a `T`.
///
/// `Debug` shows the length of the body, not the body.
#[derive(Clone, PartialEq)]
pub struct Accepted<T> {
    location: Option<Box<str>>,
    value: Option<Box<T>>,
    body: Bytes,
}

impl<T> Accepted<T> {
    pub(super) fn new(location: Option<Box<str>>, value: Option<Box<T>>, body: Bytes) -> Self {
        Self { location, value, body }
    }

    /// The `Location` header, as received: a path below the base address (documented), or anything else. It is text of a
    /// response: check it before a token is sent there.
    pub fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }

    /// The body, if there is one and it can be read. Whether it shows the state before or after is not documented.
    pub fn value(&self) -> Option<&T> {
        self.value.as_deref()
    }

    /// The body as received; empty if there was none.
    pub fn raw_body(&self) -> &Bytes {
        &self.body
    }
}

impl<T> fmt::Debug for Accepted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accepted")
            .field("location", &self.location)
            .field("body_length", &self.body.len())
            .finish_non_exhaustive()
    }
}
