use partner_center_orders_api::Operation;
use partner_center_orders_api::types::{NewOrder, Order};
use uuid::Uuid;

use super::ListOrders;
use super::evidence::{Evidence, Found};
use crate::call::{Call, Id, Session, sealed};
use crate::list::read_all;
use crate::resume::{Resumable, Step, found_candidates, found_nothing, may_resend, step};
use crate::{Error, Response};

/// Places an order: see [`Orders::create`](super::Orders::create).
#[derive(Clone, Debug)]
pub struct CreateOrder {
    customer: Uuid,
    order: NewOrder,
    customer_user: Option<String>,
    /// Boxed, as most calls have none.
    evidence: Option<Box<Evidence>>,
}

impl CreateOrder {
    pub(super) fn new(customer: Uuid, order: NewOrder) -> Self {
        Self { customer, order, customer_user: None, evidence: None }
    }
}

impl Call<CreateOrder> {
    /// The customer's user to license, by principal name (`x-ms-customeruser-upn`; known from the SDK only).
    pub fn customer_user(self, principal_name: impl Into<String>) -> Self {
        self.with(|request| request.customer_user = Some(principal_name.into()))
    }

    /// Declares that the friendly name of one of the order's lines is unique to this write: no other order of the customer has
    /// or will have it. By this name a [resumed](Call::resume) call recognises the order, which nothing else distinguishes
    /// from an identical one. Letter case counts.
    ///
    /// ```
    /// use partner_center_orders::types::{NewOrder, NewOrderLineItem};
    /// # use partner_center_orders::{PartnerCenter, PendingWrite};
    ///
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid, pending_write: PendingWrite) -> Result<(), Box<dyn std::error::Error>> {
    /// let line = NewOrderLineItem::new(0, "84A03D81-6B37-4D66-8D4A-FAEA24541538", 5).friendly_name("PO-2026-00417");
    /// let new = NewOrder::new([line]);
    /// let create = || partner.customer(customer_id).orders().create(new.clone()).unique_name("PO-2026-00417");
    /// let order = match create().await {
    ///     Err(error) if error.is_outcome_unknown() => create().resume(error.pending_write().ok_or("settled")?).await?,
    ///     other => other?,
    /// };
    /// # Ok(()) }
    /// ```
    ///
    /// The call fails as [invalid](crate::ErrorKind::InvalidRequest) if no line has the name.
    pub fn unique_name(self, friendly_name: impl Into<String>) -> Self {
        self.with(|request| request.evidence().unique_name = Some(friendly_name.into()))
    }

    /// Excludes orders when a [resumed](Call::resume) call looks for its own: those that the caller's records assign to other
    /// purchases, or that a person has ruled out.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter, PendingWrite, types::NewOrder};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid, new: NewOrder, pending_write: PendingWrite) -> Result<(), Error> {
    /// let orders = partner.customer(customer_id).orders();
    /// let outcome = orders.create(new).exclude_orders(["eeba9d00-7b46-443a-917e-22887a8fc993"]).resume(pending_write).await;
    /// # outcome.map(drop) }
    /// ```
    pub fn exclude_orders<T: Into<String>>(self, order_ids: impl IntoIterator<Item = T>) -> Self {
        self.with(|request| request.evidence().not_orders.extend(order_ids.into_iter().map(Into::into)))
    }
}

impl CreateOrder {
    fn evidence(&mut self) -> &mut Evidence {
        self.evidence.get_or_insert_default()
    }
}

impl Resumable for CreateOrder {}

impl sealed::Request for CreateOrder {
    type Output = Order;

    async fn run(self, session: Session) -> Result<Response<Order>, Error> {
        if let Some(evidence) = &self.evidence {
            evidence.check(self.order.line_items.iter().map(|line| line.friendly_name.as_deref()))?;
        }
        if let (Step::Look, Some(resumed)) = (step(&session).await, session.resumes()) {
            let orders = read_all(ListOrders::new(self.customer), &session, Id::Own).await?;
            let mut found = Found::Nothing;
            let evidence = self.evidence.as_deref().cloned().unwrap_or_default();
            let response = orders.map(|listed| {
                found = evidence.find_order(&self.order, listed, resumed.first_sent_at, session.ahead());
            });
            let found = match found {
                Found::Ours(order) => return Ok(response.map(|()| order)),
                Found::Candidates(found) => found_candidates(&session, Operation::CreateOrder, found),
                Found::Nothing => found_nothing(&session, Operation::CreateOrder, "no such order is listed"),
            };
            if !may_resend(&session) {
                return Err(found);
            }
        }
        session
            .call(Operation::CreateOrder, |client| async move {
                let mut call = client.create_order(self.customer, self.order);
                if let Some(principal_name) = self.customer_user {
                    call = call.x_ms_customeruser_upn(principal_name);
                }
                call.send().await
            })
            .await
    }
}
