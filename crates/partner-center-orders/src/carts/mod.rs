//! A customer's carts.

mod change;
mod checkout;
mod create;
mod get;
mod update;

use partner_center_orders_api::types::{NewCart, NewCartLineItem};

pub use self::change::ChangeCart;
pub use self::checkout::{Checkout, CheckoutCart, IncompleteCheckout};
pub use self::create::CreateCart;
pub use self::get::GetCart;
pub use self::update::UpdateCart;
use crate::call::Call;
use crate::customer::Customer;

/// The carts of one customer, where purchases begin. A cart lives seven days (documented).
///
/// ```
/// use partner_center_orders::Checkout;
/// use partner_center_orders::types::NewCartLineItem;
/// # use partner_center_orders::PartnerCenter;
///
/// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Box<dyn std::error::Error>> {
/// let carts = partner.customer(customer_id).carts();
/// let cart = carts.create_from([NewCartLineItem::new("CFQ7TTC0LDPB:0001:CFQ7TTC0QNPW", 5)]).await?;
/// match carts.checkout(&cart.id).await?.into_inner() {
///     Checkout::Complete(result) => println!("{} orders", result.orders_or_empty().len()),
///     Checkout::Incomplete(failed) => println!("{} groups failed: {failed}", failed.errors().len()),
///     Checkout::PlacedBefore(cart) => println!("cart {} was ordered by an attempt whose response was lost", cart.id),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Carts {
    customer: Customer,
}

impl Customer {
    /// The customer's carts.
    pub fn carts(&self) -> Carts {
        Carts { customer: self.clone() }
    }
}

impl Carts {
    /// Creates a cart. Check the lines of the response: one that can't be bought has an `error` though the call succeeds.
    pub fn create(&self, cart: NewCart) -> Call<CreateCart> {
        self.customer.call(|customer| CreateCart::new(customer, cart))
    }

    /// Creates a cart with these lines. A line without an id gets its index as id.
    pub fn create_from(&self, lines: impl IntoIterator<Item = NewCartLineItem>) -> Call<CreateCart> {
        let cart = change::cart_of(lines.into_iter().collect());
        self.customer.call(|customer| CreateCart::new(customer, cart))
    }

    /// Reads a cart.
    pub fn get(&self, cart_id: impl Into<String>) -> Call<GetCart> {
        self.customer.call(|customer| GetCart::new(customer, cart_id.into()))
    }

    /// Replaces a cart's content as a whole.
    pub fn update(&self, cart_id: impl Into<String>, cart: NewCart) -> Call<UpdateCart> {
        self.customer.call(|customer| UpdateCart::new(customer, cart_id.into(), cart))
    }

    /// Reads a cart, and writes it back with these lines appended.
    pub fn add_lines(
        &self,
        cart_id: impl Into<String>,
        lines: impl IntoIterator<Item = NewCartLineItem>,
    ) -> Call<ChangeCart> {
        let lines: Vec<_> = lines.into_iter().collect();
        let append = Box::new(move |cart: &mut NewCart| {
            let first_free = cart.line_items.iter().filter_map(|line| line.id).max().map_or(0, |id| id + 1);
            change::append(&mut cart.line_items, lines, first_free);
        });
        self.customer.call(|customer| ChangeCart::new("add_lines", customer, cart_id.into(), append))
    }

    /// Reads a cart, applies the change, and writes it back. Everything else stays as it was, members that this crate doesn't
    /// know included.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let carts = partner.customer(customer_id).carts();
    /// let cart = carts
    ///     .change("3cf2e9f5-…", |cart| {
    ///         for line in cart.line_items.iter_mut().filter(|line| line.id == Some(0)) {
    ///             line.quantity = 10;
    ///         }
    ///         cart.line_items.retain(|line| line.id != Some(1));
    ///     })
    ///     .await?;
    /// # Ok(()) }
    /// ```
    pub fn change(
        &self,
        cart_id: impl Into<String>,
        change: impl FnOnce(&mut NewCart) + Send + 'static,
    ) -> Call<ChangeCart> {
        self.customer.call(|customer| ChangeCart::new("change_cart", customer, cart_id.into(), Box::new(change)))
    }

    /// Buys what is in the cart: one order for each of its order groups.
    ///
    /// A checkout is documented to repeat its first result, and failed groups can be tried again with the same cart. If the
    /// service rejects a repetition of an attempt whose response was lost, the cart is read to see what happened: see
    /// [`Error::is_outcome_unknown`](crate::Error::is_outcome_unknown).
    ///
    /// Several clients can share a cart. It is ordered once: a checkout reported as placed means that some client ordered the
    /// cart, one reported as failed that this checkout didn't.
    pub fn checkout(&self, cart_id: impl Into<String>) -> Call<CheckoutCart> {
        self.customer.call(|customer| CheckoutCart::new(customer, cart_id.into()))
    }
}
