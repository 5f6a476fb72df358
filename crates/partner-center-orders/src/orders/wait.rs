use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use partner_center_orders_api::Operation;
use partner_center_orders_api::enums::FulfillmentStatus;
use partner_center_orders_api::types::OrderLineItemProvisioningStatus;
use uuid::Uuid;

use super::GetProvisioningStatus;
use crate::call::{Call, Id, Session, sealed};
use crate::list::read_all;
use crate::polling::{DEADLINE, Delays};
use crate::{Error, ErrorCode, Response};

/// Waits for provisioning: see [`Orders::wait_until_provisioned`](super::Orders::wait_until_provisioned).
///
/// It waits until the call's deadline, by default half an hour.
#[derive(Clone)]
pub struct WaitUntilProvisioned {
    customer: Uuid,
    order_id: String,
    progress: Option<Arc<Progress>>,
}

/// Receives the lines after each read.
type Progress = dyn Fn(&[OrderLineItemProvisioningStatus]) + Send + Sync;

impl WaitUntilProvisioned {
    pub(super) fn new(customer: Uuid, order_id: String) -> Self {
        Self { customer, order_id, progress: None }
    }
}

impl Call<WaitUntilProvisioned> {
    /// Calls the function with all lines after each read.
    pub fn on_progress(self, progress: impl Fn(&[OrderLineItemProvisioningStatus]) + Send + Sync + 'static) -> Self {
        self.with(|request| request.progress = Some(Arc::new(progress)))
    }
}

/// The provisioning status of an order's lines when waiting has ended.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "waiting may have ended before all lines were provisioned"]
pub struct Provisioning {
    lines: Vec<OrderLineItemProvisioningStatus>,
}

impl Provisioning {
    /// Whether all lines are provisioned; otherwise the deadline came first.
    pub fn is_complete(&self) -> bool {
        !self.lines.is_empty() && self.pending().next().is_none()
    }

    /// The lines that aren't provisioned.
    pub fn pending(&self) -> impl Iterator<Item = &OrderLineItemProvisioningStatus> {
        self.lines.iter().filter(|line| line.status != FulfillmentStatus::Fulfilled)
    }

    /// All lines, as they were last read.
    pub fn lines(&self) -> &[OrderLineItemProvisioningStatus] {
        &self.lines
    }
}

impl sealed::Request for WaitUntilProvisioned {
    type Output = Provisioning;

    fn default_deadline(&self, _: Option<Duration>) -> Option<Duration> {
        Some(DEADLINE)
    }

    fn name(&self) -> Option<&'static str> {
        Some("wait_until_provisioned")
    }

    async fn run(self, session: Session) -> Result<Response<Provisioning>, Error> {
        let mut delays = Delays::new();
        let mut last: Option<Response<Provisioning>> = None;
        loop {
            let request = GetProvisioningStatus::new(self.customer, self.order_id.clone());
            match read_all(request, &session, Id::Own).await {
                Ok(lines) => {
                    if let Some(progress) = &self.progress {
                        progress(&lines);
                    }
                    let provisioning = lines.map(|lines| Provisioning { lines });
                    if provisioning.is_complete() {
                        return Ok(provisioning);
                    }
                    last = Some(provisioning);
                }
                Err(error) if may_be_new(&error) && delays.can_wait(&session) => {}
                Err(error) => return last.filter(|_| error.is_timeout() || error.is_throttled()).ok_or(error),
            }
            if delays.wait(&session).await.is_err() {
                return last.ok_or_else(|| {
                    let message = "the order's provisioning status did not show up in time";
                    Error::own(crate::ErrorKind::Timeout, message)
                        .during(&session.begin(Id::Own, Operation::GetOrderProvisioningStatus))
                });
            }
        }
    }
}

/// Whether the order may be new: it can be unknown for a while.
fn may_be_new(error: &Error) -> bool {
    matches!(error.code(), Some(ErrorCode::ProvisioningInfoNotFound | ErrorCode::OrderNotFound))
}

impl fmt::Debug for WaitUntilProvisioned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitUntilProvisioned")
            .field("customer", &self.customer)
            .field("order_id", &self.order_id)
            .finish_non_exhaustive()
    }
}
