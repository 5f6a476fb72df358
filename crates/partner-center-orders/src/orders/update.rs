use partner_center_orders_api::Operation;
use partner_center_orders_api::types::{Order, OrderPatch};
use uuid::Uuid;

use super::evidence::{Evidence, Shows, shows_patch};
use crate::call::{Call, Id, Session, sealed};
use crate::resume::{Resumable, Step, found_candidates, found_nothing, may_resend, step, undetermined};
use crate::{Error, Response};

/// Changes an order: see [`Orders::update`](super::Orders::update).
#[derive(Clone, Debug)]
pub struct UpdateOrder {
    pub(super) customer: Uuid,
    pub(super) order_id: String,
    patch: OrderPatch,
    if_match: Option<String>,
    /// Boxed, as most calls have none.
    pub(super) evidence: Option<Box<Evidence>>,
}

impl UpdateOrder {
    pub(super) fn new(customer: Uuid, order_id: String, patch: OrderPatch) -> Self {
        Self { customer, order_id, patch, if_match: None, evidence: None }
    }
}

impl Call<UpdateOrder> {
    /// Changes the order only if its `ETag` still is this one, which `attributes.etag` holds.
    ///
    /// Only legacy orders have one, and whether the service enforces it is not known. If the order was changed, the error is
    /// [`is_precondition_failed`](crate::Error::is_precondition_failed).
    pub fn if_match(self, etag: impl Into<String>) -> Self {
        self.with(|request| request.if_match = Some(quoted(etag.into())))
    }

    /// Declares that the friendly name of an add-on in this patch is unique to this write: see
    /// [`Orders::add_on`](crate::Orders::add_on), whose calls have the same option.
    pub fn unique_name(self, friendly_name: impl Into<String>) -> Self {
        self.with(|request| request.evidence.get_or_insert_default().unique_name = Some(friendly_name.into()))
    }

    /// Excludes lines of the order that belong to other writes: see
    /// [`Orders::add_on`](crate::Orders::add_on), whose calls have the same option.
    pub fn exclude_lines(self, line_item_numbers: impl IntoIterator<Item = i32>) -> Self {
        self.with(|request| request.evidence.get_or_insert_default().not_lines.extend(line_item_numbers))
    }
}

/// An `ETag` in double quotes, as the header requires it (documented); members of bodies have none.
pub(crate) fn quoted(etag: String) -> String {
    if etag.starts_with('"') || etag.starts_with("W/") { etag } else { format!("\"{etag}\"") }
}

impl Resumable for UpdateOrder {}

impl sealed::Request for UpdateOrder {
    type Output = Order;

    async fn run(self, session: Session) -> Result<Response<Order>, Error> {
        if let Some(evidence) = &self.evidence {
            evidence.check(self.patch.line_items_or_empty().iter().map(|line| line.friendly_name.as_deref()))?;
        }
        if let Step::Look = step(&session).await {
            let order = read(&session, self.customer, &self.order_id).await?;
            let found = match shows_patch(&order, &self.patch, &self.evidence.unwrap_or_default()) {
                Shows::Change => return Ok(order),
                Shows::NoChange => {
                    found_nothing(&session, Operation::UpdateOrder, "the order doesn't show this change")
                }
                Shows::Candidates(found) => found_candidates(&session, Operation::UpdateOrder, found),
                Shows::Nothing => {
                    let message = "the order doesn't show whether this change took place: read it and decide";
                    undetermined(&session, Operation::UpdateOrder, message)
                }
            };
            if !may_resend(&session) {
                return Err(found);
            }
        }
        let Self { customer, order_id, patch, if_match, .. } = self;
        session
            .call(Operation::UpdateOrder, |client| async move {
                let mut call = client.update_order(customer, order_id, patch);
                if let Some(etag) = if_match {
                    call = call.if_match(etag);
                }
                call.send().await
            })
            .await
    }
}

/// Reads the order to be changed.
pub(super) async fn read(session: &Session, customer: Uuid, order_id: &str) -> Result<Response<Order>, Error> {
    session
        .begin(Id::Own, Operation::GetOrder)
        .call(|client| async move { client.get_order(customer, order_id).send().await })
        .await
}

/// Sends a change.
pub(super) async fn change(
    session: Session,
    customer: Uuid,
    order_id: String,
    patch: OrderPatch,
) -> Result<Response<Order>, Error> {
    sealed::Request::run(UpdateOrder::new(customer, order_id, patch), session).await
}
