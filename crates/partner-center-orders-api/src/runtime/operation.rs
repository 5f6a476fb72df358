//! The description of a call for a transport.

use crate::Operation;

/// The kind of a success's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BodyKind {
    /// Read whole, within the attempt, and decoded as JSON.
    Json,
    /// Returned to the caller as it arrives.
    Stream,
}

/// The operation of a request, and how its response is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OperationInfo {
    /// The operation.
    pub operation: Operation,
    /// The kind of a success's body: a list can be read whole or as a stream.
    pub body: BodyKind,
}

impl OperationInfo {
    /// A call whose body is read as the contract says.
    pub const fn new(operation: Operation) -> Self {
        Self { operation, body: operation.body_kind() }
    }

    /// A call whose body is read as a stream, whatever its content.
    pub const fn streaming(operation: Operation) -> Self {
        Self { operation, body: BodyKind::Stream }
    }
}
