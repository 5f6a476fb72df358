use std::time::SystemTime;

use uuid::Uuid;

use crate::age::Age;
use crate::transport::CallState;

/// A write whose outcome is unknown, to be resumed safely.
///
/// Store both public members to resume the write in another process. To be able to after a crash, choose the id beforehand
/// ([`Call::request_id`](crate::Call::request_id)) and store id and time before calling: the service's time
/// ([`PartnerCenter::service_time`](crate::PartnerCenter::service_time)) if it is known, as this machine's clock may be wrong
/// or be set in the meantime.
///
/// In the process that sent the write, one from an error also has the write's age, independent of clocks.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PendingWrite {
    /// The id under which the write was sent, by which the service recognises it.
    pub request_id: Uuid,
    /// The time of the first attempt: by the service's clock if a response has shown it, otherwise by this machine's.
    pub first_sent_at: SystemTime,
    pub(crate) age: Option<Age>,
}

impl PendingWrite {
    /// A write with this id that was first sent at this time.
    pub fn new(request_id: Uuid, first_sent_at: SystemTime) -> Self {
        Self { request_id, first_sent_at, age: None }
    }

    /// The write of this call, in case that it has to be resumed.
    pub(crate) fn of(state: &CallState) -> Self {
        let CallState { shared, age, resumed_from, .. } = state;
        let first_sent_at = resumed_from.unwrap_or_else(|| age.first_sent_at(&*shared.clock, shared.service_time()));
        Self { age: Some(*age), ..Self::new(state.ids.request, first_sent_at) }
    }
}

/// Compares the public members.
impl PartialEq for PendingWrite {
    fn eq(&self, other: &Self) -> bool {
        (self.request_id, self.first_sent_at) == (other.request_id, other.first_sent_at)
    }
}

impl Eq for PendingWrite {}
