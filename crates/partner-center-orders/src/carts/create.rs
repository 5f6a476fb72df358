use partner_center_orders_api::Operation;
use partner_center_orders_api::types::error::ConversionError;
use partner_center_orders_api::types::{Cart, NewCart};
use uuid::Uuid;

use crate::call::{Session, sealed};
use crate::resume::Resumable;
use crate::{Error, ErrorKind, Response};

/// Creates a cart: see [`Carts::create`](super::Carts::create).
///
/// Resuming it sends it again under its id in any case: should the service have forgotten the id, there is one more cart
/// that nobody checks out, and it ends by itself.
#[derive(Clone, Debug)]
pub struct CreateCart {
    customer: Uuid,
    cart: Result<NewCart, String>,
}

impl CreateCart {
    pub(super) fn new(customer: Uuid, cart: Result<NewCart, ConversionError>) -> Self {
        Self { customer, cart: cart.map_err(|error| error.to_string()) }
    }
}

impl Resumable for CreateCart {}

impl sealed::Request for CreateCart {
    type Answer = Cart;

    async fn run(self, session: Session) -> Result<Response<Cart>, Error> {
        let cart = self.cart.map_err(|problem| Error::own(ErrorKind::InvalidRequest, problem))?;
        session
            .exchange(Operation::CreateCart, |client| async move {
                client.create_cart().customer_id(self.customer).body(cart).send().await
            })
            .await
    }
}
