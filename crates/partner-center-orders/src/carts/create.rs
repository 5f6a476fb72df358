use partner_center_orders_api::Operation;
use partner_center_orders_api::types::{Cart, NewCart};
use uuid::Uuid;

use crate::call::{Session, sealed};
use crate::resume::{Resumable, Step, step, undetermined};
use crate::{Error, Response};

/// Creates a cart: see [`Carts::create`](super::Carts::create).
///
/// A cart whose response was lost can't be looked up, so the outcome stays unknown if it is resumed after the service may have
/// forgotten the id. Create another: a cart that isn't checked out costs nothing and expires.
#[derive(Clone, Debug)]
pub struct CreateCart {
    customer: Uuid,
    cart: NewCart,
}

impl CreateCart {
    pub(super) fn new(customer: Uuid, cart: NewCart) -> Self {
        Self { customer, cart }
    }
}

impl Resumable for CreateCart {}

impl sealed::Request for CreateCart {
    type Output = Cart;

    async fn run(self, session: Session) -> Result<Response<Cart>, Error> {
        if let Step::Look = step(&session).await {
            let message = "carts can't be listed to see whether it exists: create another, the first one expires";
            return Err(undetermined(&session, Operation::CreateCart, message));
        }
        session
            .call(
                Operation::CreateCart,
                |client| async move { client.create_cart(self.customer, self.cart).send().await },
            )
            .await
    }
}
