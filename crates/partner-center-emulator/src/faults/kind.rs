//! What an injected fault does.

use serde::{Deserialize, Serialize};

use crate::settings::{RetryAfterForm, ThrottleBody};

/// The effect of a fault.
///
/// In JSON, `kind` is the variant's name in camelCase, next to the fields. Fields with a default may be left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum FaultKind {
    /// Processing is delayed. A write has its effect after the delay even if the client has disconnected.
    Delay {
        /// The delay, in seconds.
        seconds: f64,
    },
    /// There is no response.
    Timeout {
        /// Whether the request still has its effect.
        #[serde(default)]
        effect: bool,
        /// After how many seconds the connection is reset. Default: 600.
        #[serde(default = "default_hold")]
        hold: f64,
    },
    /// The connection is reset.
    Reset {
        /// At which point of the response.
        at: ResetPoint,
        /// Whether the request still has its effect. A reset during or after the response is after the effect in any case.
        #[serde(default)]
        effect: bool,
    },
    /// The body is truncated, in a complete HTTP message.
    Truncate {
        /// How many bytes remain. Default: half of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep: Option<usize>,
    },
    /// Some of the body's bytes are replaced.
    Garble,
    /// An HTML page replaces the response, as from a gateway.
    Html {
        /// The status. Default: 502.
        #[serde(default = "bad_gateway")]
        status: u16,
        /// Whether the request still has its effect.
        #[serde(default)]
        effect: bool,
    },
    /// 401, as if the token were invalid.
    Unauthorized {
        /// The code. Default: 400. 0 results in an empty body.
        #[serde(default = "access_denied")]
        code: u32,
    },
    /// 429, regardless of the rate.
    Throttled {
        /// The seconds of `Retry-After`. Default: 1.
        #[serde(default = "one")]
        seconds: u64,
        /// The form of `Retry-After`. Default: seconds.
        #[serde(default = "in_seconds")]
        retry_after: RetryAfterForm,
        /// The body. Default: the gateway's.
        #[serde(default = "of_gateway")]
        body: ThrottleBody,
    },
    /// A status replaces the response, with a fault as its body.
    Status {
        /// The status. Default: 500.
        #[serde(default = "internal_server_error")]
        status: u16,
        /// The code. Default: 800003.
        #[serde(default = "unexpected")]
        code: u32,
        /// Whether the request still has its effect.
        #[serde(default)]
        effect: bool,
        /// The seconds of `Retry-After`, if it is sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
    },
    /// The response without its body.
    EmptyBody,
    /// The body is sent in small chunks with pauses between them.
    Drip {
        /// How many bytes a chunk has. Default: 16.
        #[serde(default = "few")]
        bytes: usize,
        /// The pause in seconds. Default: 0.1.
        #[serde(default = "blink")]
        seconds: f64,
    },
    /// The right body under a wrong content type.
    ContentType {
        /// The content type. Default: `text/html`.
        #[serde(default = "html")]
        value: String,
    },
    /// Enum values are unknown ones.
    UnknownEnum,
    /// Every object has an unknown member.
    UnknownMember,
    /// Optional members are null.
    Nulls,
    /// The first member of the body is there twice.
    DuplicateMember,
    /// A change of a subscription is accepted (202) and takes place later. Other requests are processed as usual.
    Accepted {
        /// Whether the response has the subscription as its body. Default: no.
        #[serde(default)]
        body: bool,
        /// After how many seconds the change takes place. Default: 5.
        #[serde(default = "a_while")]
        seconds: f64,
    },
    /// An order or order group fails. Other groups of a cart are ordered.
    FailOrder {
        /// The code, such as 800069.
        code: u32,
        /// The description.
        #[serde(default)]
        description: String,
        /// The item that the order must contain to fail. Default: any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
    },
}

/// The point at which a connection is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ResetPoint {
    /// Before any of the response is sent.
    Before,
    /// In the middle of the response's body.
    During,
    /// After the whole response: the next request on the connection fails.
    After,
}

fn a_while() -> f64 {
    5.0
}

fn default_hold() -> f64 {
    600.0
}

fn bad_gateway() -> u16 {
    502
}

fn internal_server_error() -> u16 {
    500
}

fn access_denied() -> u32 {
    400
}

fn unexpected() -> u32 {
    800_003
}

fn one() -> u64 {
    1
}

fn in_seconds() -> RetryAfterForm {
    RetryAfterForm::Seconds
}

fn of_gateway() -> ThrottleBody {
    ThrottleBody::Gateway
}

fn few() -> usize {
    16
}

fn blink() -> f64 {
    0.1
}

fn html() -> String {
    "text/html".to_owned()
}

impl FaultKind {
    /// Returns a reset before the response is sent, after the request had its effect.
    pub fn lost_response() -> Self {
        Self::Reset { at: ResetPoint::Before, effect: true }
    }

    /// Returns a 401 with the default code.
    pub fn unauthorized() -> Self {
        Self::Unauthorized { code: access_denied() }
    }

    /// Returns a 429 with this many seconds in `Retry-After`.
    pub fn throttled(seconds: u64) -> Self {
        Self::Throttled { seconds, retry_after: in_seconds(), body: of_gateway() }
    }

    /// Returns a status without effect, with the default code.
    pub fn status(status: u16) -> Self {
        Self::Status { status, code: unexpected(), effect: false, retry_after: None }
    }

    /// Returns an error status though the request has its effect, with the default code.
    pub fn status_after_effect(status: u16) -> Self {
        Self::Status { status, code: unexpected(), effect: true, retry_after: None }
    }

    /// Returns the name in JSON and in the log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Delay { .. } => "delay",
            Self::Timeout { .. } => "timeout",
            Self::Reset { .. } => "reset",
            Self::Truncate { .. } => "truncate",
            Self::Garble => "garble",
            Self::Html { .. } => "html",
            Self::Unauthorized { .. } => "unauthorized",
            Self::Throttled { .. } => "throttled",
            Self::Status { .. } => "status",
            Self::EmptyBody => "emptyBody",
            Self::Drip { .. } => "drip",
            Self::ContentType { .. } => "contentType",
            Self::UnknownEnum => "unknownEnum",
            Self::UnknownMember => "unknownMember",
            Self::Nulls => "nulls",
            Self::DuplicateMember => "duplicateMember",
            Self::Accepted { .. } => "accepted",
            Self::FailOrder { .. } => "failOrder",
        }
    }

    /// Whether the response, if any, departs from the contract.
    pub(crate) fn leaves_contract(&self) -> bool {
        match self {
            Self::Delay { .. }
            | Self::Drip { .. }
            | Self::Accepted { .. }
            | Self::FailOrder { .. }
            | Self::Throttled { .. } => false,
            Self::Unauthorized { code } => *code == 0,
            Self::Status { status, .. } => !DOCUMENTED_FAILURES.contains(status),
            Self::Timeout { .. }
            | Self::Reset { .. }
            | Self::Truncate { .. }
            | Self::Garble
            | Self::Html { .. }
            | Self::EmptyBody
            | Self::ContentType { .. }
            | Self::UnknownEnum
            | Self::UnknownMember
            | Self::Nulls
            | Self::DuplicateMember => true,
        }
    }

    /// Whether it prevents the effect of the request.
    pub(crate) fn prevents_effect(&self) -> bool {
        match self {
            Self::Timeout { effect, .. } | Self::Html { effect, .. } | Self::Status { effect, .. } => !effect,
            Self::Reset { at, effect } => *at == ResetPoint::Before && !effect,
            Self::Unauthorized { .. } | Self::Throttled { .. } => true,
            _ => false,
        }
    }
}

/// The error statuses that the contract documents for every operation.
const DOCUMENTED_FAILURES: [u16; 13] = [400, 401, 403, 404, 405, 406, 408, 429, 500, 501, 502, 503, 504];
