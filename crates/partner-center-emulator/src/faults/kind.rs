//! What an injected fault does.

use serde::{Deserialize, Serialize};

use crate::settings::{RetryAfterForm, ThrottleBody};

/// What goes wrong.
///
/// In JSON, `kind` is the variant's name in camelCase and the fields stand beside it; those with a usual value may be left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum FaultKind {
    /// The request waits before it is worked on. A write has its effect after the wait even if the client has gone.
    Delay {
        /// How long, in seconds.
        seconds: f64,
    },
    /// No answer comes.
    Timeout {
        /// Whether the request has its effect nevertheless.
        #[serde(default)]
        effect: bool,
        /// After how many seconds the connection is broken; usually 600.
        #[serde(default = "default_hold")]
        hold: f64,
    },
    /// The connection is reset.
    Reset {
        /// At which point of the answer.
        at: ResetPoint,
        /// Whether the request has its effect nevertheless. A reset during or after the answer comes after the effect anyway.
        #[serde(default)]
        effect: bool,
    },
    /// The body ends too early, in a message that is whole.
    Truncate {
        /// How many bytes are left; usually half of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep: Option<usize>,
    },
    /// The body's bytes are mixed up.
    Garble,
    /// An HTML page comes in place of the answer, as from a gateway.
    Html {
        /// The status; usually 502.
        #[serde(default = "bad_gateway")]
        status: u16,
        /// Whether the request has its effect nevertheless.
        #[serde(default)]
        effect: bool,
    },
    /// 401, as if the token were not good.
    Unauthorized {
        /// The code; usually 400. 0 gives an empty body.
        #[serde(default = "access_denied")]
        code: u32,
    },
    /// 429, whatever the rate.
    Throttled {
        /// The seconds of `Retry-After`; usually 1.
        #[serde(default = "one")]
        seconds: u64,
        /// The form of `Retry-After`; usually seconds.
        #[serde(default = "in_seconds")]
        retry_after: RetryAfterForm,
        /// The body; usually the gateway's.
        #[serde(default = "of_gateway")]
        body: ThrottleBody,
    },
    /// A status in place of the answer, with a fault as body.
    Status {
        /// The status; usually 500.
        #[serde(default = "internal_server_error")]
        status: u16,
        /// The code; usually 800003.
        #[serde(default = "unexpected")]
        code: u32,
        /// Whether the request has its effect nevertheless.
        #[serde(default)]
        effect: bool,
        /// The seconds of `Retry-After`, if there is to be one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
    },
    /// The answer's status without its body.
    EmptyBody,
    /// The body comes in small pieces with pauses between them.
    Drip {
        /// How many bytes at a time; usually 16.
        #[serde(default = "few")]
        bytes: usize,
        /// How many seconds between them; usually 0.1.
        #[serde(default = "blink")]
        seconds: f64,
    },
    /// The right body under a wrong content type.
    ContentType {
        /// The content type; usually `text/html`.
        #[serde(default = "html")]
        value: String,
    },
    /// Enum values that nobody has seen.
    UnknownEnum,
    /// A member that nobody has seen, in every object.
    UnknownMember,
    /// Null in place of a member's value, in every object that has one to spare.
    Nulls,
    /// Members that stand twice.
    DuplicateMember,
    /// An order or order group fails. A cart's other groups are bought.
    FailOrder {
        /// The code, such as 800069.
        code: u32,
        /// The words.
        #[serde(default)]
        description: String,
        /// The item that the order must hold to fail; any order does if there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
    },
}

/// The point at which a connection is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ResetPoint {
    /// Before any of the answer is sent.
    Before,
    /// In the middle of the answer's body.
    During,
    /// After the whole answer: the next request on the connection finds it broken.
    After,
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
    /// The request has its effect, but the connection breaks before any of the answer is sent.
    pub fn lost_response() -> Self {
        Self::Reset { at: ResetPoint::Before, effect: true }
    }

    /// 401 once more, with the usual code.
    pub fn unauthorized() -> Self {
        Self::Unauthorized { code: access_denied() }
    }

    /// 429 with so many seconds in `Retry-After`.
    pub fn throttled(seconds: u64) -> Self {
        Self::Throttled { seconds, retry_after: in_seconds(), body: of_gateway() }
    }

    /// A status without effect, with the usual code.
    pub fn status(status: u16) -> Self {
        Self::Status { status, code: unexpected(), effect: false, retry_after: None }
    }

    /// A status of failure though the request has its effect.
    pub fn status_after_effect(status: u16) -> Self {
        Self::Status { status, code: unexpected(), effect: true, retry_after: None }
    }

    /// The name in JSON and in the log.
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
            Self::FailOrder { .. } => "failOrder",
        }
    }

    /// Whether the answer, if any, is none that the contract describes.
    pub(crate) fn leaves_contract(&self) -> bool {
        match self {
            Self::Delay { .. } | Self::Drip { .. } | Self::FailOrder { .. } | Self::Throttled { .. } => false,
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

    /// Whether it keeps the request from having its effect.
    pub(crate) fn prevents_effect(&self) -> bool {
        match self {
            Self::Timeout { effect, .. } | Self::Html { effect, .. } | Self::Status { effect, .. } => !effect,
            Self::Reset { at, effect } => *at == ResetPoint::Before && !effect,
            Self::Unauthorized { .. } | Self::Throttled { .. } => true,
            _ => false,
        }
    }
}

/// The statuses of failure that the contract has for every operation.
const DOCUMENTED_FAILURES: [u16; 13] = [400, 401, 403, 404, 405, 406, 408, 429, 500, 501, 502, 503, 504];
