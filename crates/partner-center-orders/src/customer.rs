use std::sync::Arc;

use partner_center_orders_api::types::Link;
use uuid::Uuid;

use crate::call::Call;
use crate::link::{FollowLink, Linked};
use crate::transport::Shared;

/// One customer of the partner.
#[derive(Clone, Debug)]
pub struct Customer {
    shared: Arc<Shared>,
    id: Uuid,
}

impl Customer {
    pub(crate) fn new(shared: Arc<Shared>, id: Uuid) -> Self {
        Self { shared, id }
    }

    /// The customer's tenant id.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Reads the target of a link as this type. The link must lead to the configured service.
    ///
    /// ```
    /// use partner_center_orders::types::Subscription;
    /// # use partner_center_orders::{Error, PartnerCenter};
    ///
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let customer = partner.customer(customer_id);
    /// let order = customer.orders().get("eeba9d00-7b46-443a-917e-22887a8fc993").await?;
    /// for line in &order.line_items {
    ///     if let Some(link) = line.links.as_ref().and_then(|links| links.subscription.as_ref()) {
    ///         let subscription = customer.follow::<Subscription>(link).await?;
    ///         println!("line {}: {:?}", line.line_item_number, subscription.status);
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub fn follow<T: Linked>(&self, link: &Link) -> Call<FollowLink<T>> {
        self.call(|customer| FollowLink::new(customer, link.clone()))
    }

    pub(crate) fn call<R>(&self, request: impl FnOnce(Uuid) -> R) -> Call<R> {
        Call::new(Arc::clone(&self.shared), request(self.id))
    }
}
