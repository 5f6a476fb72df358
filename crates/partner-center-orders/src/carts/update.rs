use partner_center_orders_api::Operation;
use partner_center_orders_api::types::{Cart, NewCart};
use uuid::Uuid;

use crate::call::{Call, Session, sealed};
use crate::orders::quoted;
use crate::{Error, Response};

/// Replaces a cart's content: see [`Carts::update`](super::Carts::update).
#[derive(Clone, Debug)]
pub struct UpdateCart {
    customer: Uuid,
    cart_id: String,
    cart: NewCart,
    if_match: Option<String>,
}

impl UpdateCart {
    pub(super) fn new(customer: Uuid, cart_id: String, cart: NewCart) -> Self {
        Self { customer, cart_id, cart, if_match: None }
    }
}

impl Call<UpdateCart> {
    /// Updates only if the cart's `ETag` still is this one. Whether the service enforces it is not known.
    pub fn if_match(self, etag: impl Into<String>) -> Self {
        self.with(|request| request.if_match = Some(quoted(etag.into())))
    }
}

impl sealed::Request for UpdateCart {
    type Output = Cart;

    async fn run(self, session: Session) -> Result<Response<Cart>, Error> {
        let Self { customer, cart_id, cart, if_match } = self;
        session
            .call(Operation::UpdateCart, |client| async move {
                let mut call = client.update_cart(customer, cart_id, cart);
                if let Some(etag) = if_match {
                    call = call.if_match(etag);
                }
                call.send().await
            })
            .await
    }
}
