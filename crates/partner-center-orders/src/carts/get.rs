use partner_center_orders_api::Operation;
use partner_center_orders_api::types::Cart;
use uuid::Uuid;

use crate::call::{Id, Session, sealed};
use crate::{Error, Response};

/// Reads a cart: see [`Carts::get`](super::Carts::get).
#[derive(Clone, Debug)]
pub struct GetCart {
    customer: Uuid,
    cart_id: String,
}

impl GetCart {
    pub(super) fn new(customer: Uuid, cart_id: String) -> Self {
        Self { customer, cart_id }
    }
}

impl sealed::Request for GetCart {
    type Output = Cart;

    async fn run(self, session: Session) -> Result<Response<Cart>, Error> {
        read(&session, Id::Calls, self.customer, &self.cart_id).await
    }
}

/// Reads a cart, under that id.
pub(super) async fn read(session: &Session, id: Id, customer: Uuid, cart_id: &str) -> Result<Response<Cart>, Error> {
    session
        .begin(id, Operation::GetCart)
        .call(|client| async move { client.get_cart(customer, cart_id).send().await })
        .await
}
