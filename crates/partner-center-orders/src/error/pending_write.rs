use std::time::SystemTime;

use uuid::Uuid;

use crate::age::Age;
use crate::transport::CallState;

/// A write whose outcome is unknown, and what it takes to resume it safely.
///
/// Both public members can be written down, to resume the write in another process. To be able to after a crash, choose the id
/// beforehand ([`Call::request_id`](crate::Call::request_id)) and write down id and time before calling: the service's time
/// ([`PartnerCenter::service_time`](crate::PartnerCenter::service_time)) where it is known, as this machine's clock may be
/// wrong or be set meanwhile.
///
/// One that an error gave also holds, for this process, how long ago the write was sent, whatever clocks say.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PendingWrite {
    /// The id under which the write was sent, by which the service knows it again.
    pub request_id: Uuid,
    /// When it was first sent: by the service's clock where a response has shown it, else by this machine's.
    pub first_sent_at: SystemTime,
    pub(crate) age: Option<Age>,
}

impl PendingWrite {
    /// A write under that id that was first sent at that time.
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

/// Two are the same if they were written down the same.
impl PartialEq for PendingWrite {
    fn eq(&self, other: &Self) -> bool {
        (self.request_id, self.first_sent_at) == (other.request_id, other.first_sent_at)
    }
}

impl Eq for PendingWrite {}
