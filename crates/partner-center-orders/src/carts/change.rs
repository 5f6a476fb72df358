use std::fmt;

use partner_center_orders_api::types::{Cart, NewCart, NewCartLineItem};
use uuid::Uuid;

use super::UpdateCart;
use super::get::read;
use crate::call::{Id, Session, sealed};
use crate::{Error, Response};

/// Changes a cart by reading and writing it: see [`Carts::change`](super::Carts::change).
pub struct ChangeCart {
    /// The request's name in errors.
    name: &'static str,
    customer: Uuid,
    cart_id: String,
    change: Box<dyn FnOnce(&mut NewCart) + Send>,
}

impl ChangeCart {
    pub(super) fn new(
        name: &'static str,
        customer: Uuid,
        cart_id: String,
        change: Box<dyn FnOnce(&mut NewCart) + Send>,
    ) -> Self {
        Self { name, customer, cart_id, change }
    }
}

impl sealed::Request for ChangeCart {
    type Output = Cart;

    fn name(&self) -> Option<&'static str> {
        Some(self.name)
    }

    async fn run(self, session: Session) -> Result<Response<Cart>, Error> {
        let cart = read(&session, Id::Own, self.customer, &self.cart_id).await?;
        let mut cart = NewCart::from(cart.into_inner());
        (self.change)(&mut cart);
        sealed::Request::run(UpdateCart::new(self.customer, self.cart_id, cart), session).await
    }
}

impl fmt::Debug for ChangeCart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeCart")
            .field("customer", &self.customer)
            .field("cart_id", &self.cart_id)
            .finish_non_exhaustive()
    }
}

/// A cart with these lines.
pub(super) fn cart_of(lines: Vec<NewCartLineItem>) -> NewCart {
    let mut numbered = Vec::with_capacity(lines.len());
    append(&mut numbered, lines, 0);
    NewCart::new(numbered)
}

/// Appends lines; those without an id are numbered from `first_free`.
pub(super) fn append(lines: &mut Vec<NewCartLineItem>, new: Vec<NewCartLineItem>, first_free: i32) {
    lines.extend((first_free..).zip(new).map(|(id, mut line)| {
        line.id.get_or_insert(id);
        line
    }));
}
