//! What a transport is told about a call.

use crate::Operation;

/// How the body of a success is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BodyKind {
    /// Read whole, within the attempt, and decoded as JSON.
    Json,
    /// Given to the caller as it arrives.
    Stream,
}

/// The operation behind a request, and how its answer is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OperationInfo {
    /// The operation.
    pub operation: Operation,
    /// How the body of a success is taken: a list can be read whole or as a stream.
    pub body: BodyKind,
}

impl OperationInfo {
    /// A call that takes the body as the contract says.
    pub const fn new(operation: Operation) -> Self {
        Self { operation, body: operation.body_kind() }
    }

    /// A call that takes the body as a stream, whatever it holds.
    pub const fn streaming(operation: Operation) -> Self {
        Self { operation, body: BodyKind::Stream }
    }
}
