//! The client.

use std::sync::Arc;
use std::time::SystemTime;

use partner_center_orders_api::Client;
use partner_center_orders_api::runtime::SharedTransport;
use uuid::Uuid;

use crate::cloud::Cloud;
use crate::customer::Customer;
use crate::identity::CredentialError;
use crate::transport::{Shared, StatePerCall};

/// A client for Partner Center. Cheap to clone; clones share token, rate limit and connections.
///
/// ```
/// use partner_center_orders::{ClientSecret, PartnerCenter};
///
/// # async fn first_order() -> Result<(), Box<dyn std::error::Error>> {
/// let credential = ClientSecret::new("tenant id", "client id", "client secret");
/// let partner = PartnerCenter::builder().credential(credential).build()?;
/// let orders = partner.customer("b0d70a69-4c42-4b27-b17b-91a835d8686a".parse()?).orders();
/// let order = orders.get("YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1").await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct PartnerCenter {
    shared: Arc<Shared>,
}

impl PartnerCenter {
    pub(crate) fn new(shared: Shared) -> Self {
        Self { shared: Arc::new(shared) }
    }

    /// Returns one customer of the partner, by tenant id.
    pub fn customer(&self, customer_id: Uuid) -> Customer {
        Customer::new(Arc::clone(&self.shared), customer_id)
    }

    /// Returns the generated client, for what has no method here. Its calls have this client's authentication, retries, ids and
    /// rate limit.
    ///
    /// Its responses keep all headers, and its errors are the generated ones.
    ///
    /// ```
    /// # use partner_center_orders::PartnerCenter;
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Box<dyn std::error::Error>> {
    /// let order = partner.api().get_order(customer_id, "5cf72f146967").include_price(true).send().await?;
    /// println!("{:?}", order.headers());
    /// # Ok(()) }
    /// ```
    pub fn api(&self) -> Client {
        let transport = SharedTransport::new(StatePerCall(Arc::clone(&self.shared)));
        Client::new(self.shared.base_url(), transport)
    }

    /// The cloud that calls are sent to.
    pub fn cloud(&self) -> &Cloud {
        &self.shared.cloud
    }

    /// Ends the delays that hold back this client's tenant: after a 429 of the service, for all clients that share the
    /// [`RateLimit`](crate::RateLimit), and after a `Retry-After` of the token endpoint. The next call is sent immediately; the
    /// service may of course respond with 429 again.
    ///
    /// For operators, after an absurd `Retry-After`: it holds back all calls for up to
    /// [`RetryPolicy::max_retry_after`](crate::RetryPolicy::max_retry_after).
    ///
    /// ```
    /// use partner_center_orders::{PartnerCenter, StaticToken};
    ///
    /// let partner = PartnerCenter::builder().credential(StaticToken::new("…")).build()?;
    /// partner.reopen();
    /// # Ok::<(), partner_center_orders::BuildError>(())
    /// ```
    pub fn reopen(&self) {
        self.shared.rate_limiter.reopen();
        self.shared.tokens.reopen();
    }

    /// The service's time, as the dates of its responses show it: it may be behind by as long as a response took to arrive.
    /// `None` before the first response, and if the machine has slept since.
    ///
    /// Use it to record when a write was first sent, in place of this machine's time, which may be wrong or be set
    /// meanwhile: see [`PendingWrite`](crate::PendingWrite).
    ///
    /// ```
    /// # use std::time::SystemTime;
    /// # use partner_center_orders::{Error, PartnerCenter, PendingWrite, types::NewOrder};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid, new: NewOrder) -> Result<(), Error> {
    /// let id = uuid::Uuid::from_u128(7); // a random one
    /// let pending_write = PendingWrite::new(id, partner.service_time().unwrap_or_else(SystemTime::now));
    /// // Store it, then:
    /// let order = partner.customer(customer_id).orders().create(new).request_id(id).await?;
    /// # Ok(()) }
    /// ```
    pub fn service_time(&self) -> Option<SystemTime> {
        Some(self.shared.service_time()?.earliest)
    }

    /// Signs in now, not with the first call: to see early that it fails, or to give a user time.
    ///
    /// # Errors
    ///
    /// When no token can be obtained.
    pub async fn sign_in(&self) -> Result<(), CredentialError> {
        self.shared.tokens.bearer().await.map(drop)
    }
}
