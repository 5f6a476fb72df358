use std::time::SystemTime;

use uuid::Uuid;

/// A write of which nobody knows whether it took place, and what it takes to ask again safely.
///
/// Both members can be written down, to go on in another process. To be able to after a crash, choose the id beforehand
/// ([`Call::request_id`](crate::Call::request_id)) and write down id and time before calling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unfinished {
    /// The id under which the write was sent, by which the service knows it again.
    pub request_id: Uuid,
    /// When it was sent first.
    pub first_sent_at: SystemTime,
}

impl Unfinished {
    /// A write under that id that was first sent at that time.
    pub fn new(request_id: Uuid, first_sent_at: SystemTime) -> Self {
        Self { request_id, first_sent_at }
    }
}
