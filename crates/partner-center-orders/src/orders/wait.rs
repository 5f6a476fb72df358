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
use crate::{Error, ErrorCode, Response};

/// How long is waited unless the call says otherwise. Our choice: nothing is documented.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// The first and the longest wait between two looks. Our choice.
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Waits for provisioning: see [`Orders::wait_until_provisioned`](super::Orders::wait_until_provisioned).
///
/// The call's deadline is how long it waits; by default half an hour.
#[derive(Clone)]
pub struct WaitUntilProvisioned {
    customer: Uuid,
    order_id: String,
    progress: Option<Arc<Progress>>,
}

/// Is told of the lines after each look.
type Progress = dyn Fn(&[OrderLineItemProvisioningStatus]) + Send + Sync;

impl WaitUntilProvisioned {
    pub(super) fn new(customer: Uuid, order_id: String) -> Self {
        Self { customer, order_id, progress: None }
    }
}

impl Call<WaitUntilProvisioned> {
    /// Is told of all lines after each look.
    pub fn on_progress(self, progress: impl Fn(&[OrderLineItemProvisioningStatus]) + Send + Sync + 'static) -> Self {
        self.with(|request| request.progress = Some(Arc::new(progress)))
    }
}

/// How far the lines of an order are when waiting has ended.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "waiting may have ended before all lines were provisioned"]
pub struct Provisioning {
    lines: Vec<OrderLineItemProvisioningStatus>,
}

impl Provisioning {
    /// Whether all lines are provisioned; otherwise the time was over.
    pub fn is_complete(&self) -> bool {
        !self.lines.is_empty() && self.pending().next().is_none()
    }

    /// The lines that aren't provisioned.
    pub fn pending(&self) -> impl Iterator<Item = &OrderLineItemProvisioningStatus> {
        self.lines.iter().filter(|line| line.status != FulfillmentStatus::Fulfilled)
    }

    /// All lines, as last seen.
    pub fn lines(&self) -> &[OrderLineItemProvisioningStatus] {
        &self.lines
    }
}

impl sealed::Request for WaitUntilProvisioned {
    type Output = Provisioning;

    fn default_deadline(&self, _: Option<Duration>) -> Option<Duration> {
        Some(PATIENCE)
    }

    async fn run(self, session: Session) -> Result<Response<Provisioning>, Error> {
        let mut wait = FIRST_WAIT;
        let mut seen: Option<Response<Provisioning>> = None;
        loop {
            let look = GetProvisioningStatus::new(self.customer, self.order_id.clone());
            match read_all(look, &session, Id::Own).await {
                Ok(lines) => {
                    if let Some(progress) = &self.progress {
                        progress(&lines);
                    }
                    let provisioning = lines.map(|lines| Provisioning { lines });
                    if provisioning.is_complete() {
                        return Ok(provisioning);
                    }
                    seen = Some(provisioning);
                }
                Err(error) if is_not_there_yet(&error) && session.can_wait(wait) => {}
                Err(error) => return seen.filter(|_| error.is_timeout() || error.is_throttled()).ok_or(error),
            }
            if session.wait(wait).await.is_err() {
                return seen.ok_or_else(|| {
                    let what = "the order's provisioning status did not show up in time";
                    Error::own(crate::ErrorKind::Timeout, what)
                        .during(&session.begin(Id::Own, Operation::GetOrderProvisioningStatus))
                });
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }
}

/// A new order can be unknown for a while.
fn is_not_there_yet(error: &Error) -> bool {
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
