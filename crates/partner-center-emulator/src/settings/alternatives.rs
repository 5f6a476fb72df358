//! The alternatives of the settings.

use serde::{Deserialize, Serialize};

/// Declares enums of alternatives, written in camelCase.
macro_rules! alternatives {
    ($($(#[$about:meta])* $name:ident { $($(#[$what:meta])* $value:ident),+ $(,)? })+) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        #[non_exhaustive]
        pub enum $name { $($(#[$what])* $value),+ }
    )+};
}

alternatives! {
    /// How an error code is written.
    CodeForm {
        /// A JSON number.
        Number,
        /// Text: the number's digits, or for cart lines the code's name in `snake_case`.
        Text,
    }
    /// The environment that the emulator simulates.
    Environment {
        /// Production.
        Production,
        /// An integration sandbox: other rules for cancellation, small limits, dummy activation links.
        Sandbox,
    }
    /// The kind of partner.
    PartnerKind {
        /// Sells to customers itself.
        Direct,
        /// Sells through resellers: a reseller on record must be attested (900206 otherwise).
        IndirectProvider,
    }
    /// Whether request ids make writes idempotent.
    RequestIds {
        /// The recorded response is repeated, without a second effect.
        Honoured,
        /// Each write has its effect, regardless of its id.
        Ignored,
    }
    /// The error response to a request id that was used for another request.
    ReusedRequestId {
        /// 400 with code 2000.
        BadRequest,
        /// 409 with code 800060.
        Conflict,
    }
    /// How an `MS-RequestId` or `MS-CorrelationId` is handled that is not a GUID.
    MalformedRequestId {
        /// The service generates one, as if it were absent.
        Replaced,
        /// 400 with code 2000.
        Refused,
    }
    /// The body of a 429.
    ThrottleBody {
        /// `statusCode` and `message`, as the gateway in front of the service writes it (documented).
        Gateway,
        /// A fault with `code` and `description`, like any other error response.
        Fault,
    }
    /// The form of `Retry-After`.
    RetryAfterForm {
        /// Seconds.
        Seconds,
        /// A date, as HTTP allows.
        Date,
        /// No `Retry-After`.
        Absent,
    }
    /// The error response of production to the cancellation of an order that isn't software.
    ProductionCancellation {
        /// 403 with code 800019 for everything.
        OneCode,
        /// 400 with code 800063 for items with licence subscriptions, 403 with code 800077 for marketplace software, 800019 for the rest.
        ByKind,
    }
    /// The status after a cancellation in a sandbox.
    SandboxCancellation {
        /// Status `cancelled`, quantities 0.
        Cancelled,
        /// Status `completed`, quantities as before.
        Completed,
    }
    /// The error response to a stale `If-Match`.
    StaleEtag {
        /// 400 with code 2055.
        BadRequest,
        /// 412 with code 2055.
        PreconditionFailed,
    }
    /// The first letter of a changed billing cycle.
    Capitals {
        /// `annual`.
        None,
        /// `Annual`.
        First,
    }
    /// How unknown catalog items are handled.
    UnknownItems {
        /// They are sold; their kind is derived from the format of the id.
        Sold,
        /// Carts get line error 10001, orders 400 with code 800004.
        Refused,
    }
    /// How the term of perpetual software is written.
    SoftwareTerm {
        /// As an empty string.
        Empty,
        /// Left out.
        Absent,
    }
    /// The requirements for the subscription of a reservation.
    ReservationSubscription {
        /// None.
        Any,
        /// It must be one of the customer's Azure subscriptions and be registered.
        Registered,
    }
    /// The response to a request for an expired cart.
    ExpiredCart {
        /// 404 with code 800008, for every request.
        NotFound,
        /// It can be read, but not changed or checked out (400 with code 800065).
        Readable,
    }
    /// When a change of a subscription takes place.
    SubscriptionChanges {
        /// Immediately: 200 with the subscription.
        Immediate,
        /// Later: 202 with a `Location` that leads to the subscription, without a body.
        Accepted,
        /// Later: 202 with a `Location` and the subscription as it will be.
        AcceptedWithBody,
    }
    /// The status of a success that is documented in two ways.
    SuccessStatus {
        /// 200.
        Ok,
        /// 201.
        Created,
    }
    /// The response to a second checkout of the same cart.
    RepeatedCheckout {
        /// The first result is returned, and failed groups are retried (newest documentation).
        Repeated,
        /// 400 with code 800065 (older table of errors).
        Refused,
    }
    /// How a checkout is handled if a line of the cart has an error.
    CheckoutWithLineErrors {
        /// 400 with code 800009, and nothing is ordered.
        Refused,
        /// The other order groups are ordered; those with such a line are in `orderErrors`.
        Partial,
    }
    /// What happens to the members that a PATCH of a subscription leaves out.
    OmittedMembers {
        /// Auto-renewal is switched off, and what is scheduled is deleted (documented). Other members stay as they are.
        Reset,
        /// As with `Reset`, and members that the emulator doesn't know are deleted, too.
        AllReset,
        /// They stay as they are.
        Kept,
    }
    /// What an immediate change of a subscription does to its scheduled changes.
    ImmediateChange {
        /// It deletes them, including those in the same request (documented).
        DeletesSchedules,
        /// They stay as they are.
        KeepsSchedules,
    }
    /// How a change that is scheduled for the next term is handled if auto-renewal is off.
    ScheduleWithoutRenewal {
        /// 400 with code 2000.
        Refused,
        /// The change is deleted; the rest of the request has its effect.
        Deleted,
        /// It is scheduled nevertheless.
        Accepted,
    }
    /// The error response to a cancellation or a lower quantity after the window for it has closed.
    ClosedWindow {
        /// The code that names no unit of time: 900117 for a cancellation, 800090 for a lower quantity.
        General,
        /// The code that counts hours: 900213, 900214.
        Hours,
        /// The code that counts days: 900257 for a lower quantity; there is none for a cancellation, which is 900213.
        Days,
    }
}

impl SuccessStatus {
    pub(crate) fn status(self) -> http::StatusCode {
        match self {
            Self::Ok => http::StatusCode::OK,
            Self::Created => http::StatusCode::CREATED,
        }
    }
}
