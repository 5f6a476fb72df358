use std::fmt;
use std::time::{Duration, SystemTime};

use partner_center_orders_api::Operation;
use partner_center_orders_api::enums::CartStatus;
use partner_center_orders_api::types::{Cart, CartCheckoutResult, Order, OrderError};
use partner_center_orders_api::wire::Timestamp;
use uuid::Uuid;

use super::get::read;
use crate::call::{Call, Id, Session, sealed};
use crate::resume::{Resumable, Step, found_nothing, may_resend, step, undetermined};
use crate::{Error, ErrorKind, PendingWrite, Response};

/// The first and the longest delay between two reads of a cart that another request is checking out. Our choice.
const INITIAL_DELAY: Duration = Duration::from_secs(2);
const MAX_DELAY: Duration = Duration::from_secs(30);

/// Checks a cart out: see [`Carts::checkout`](super::Carts::checkout).
#[derive(Clone, Debug)]
pub struct CheckoutCart {
    customer: Uuid,
    cart_id: String,
    customer_user: Option<String>,
}

impl CheckoutCart {
    pub(super) fn new(customer: Uuid, cart_id: String) -> Self {
        Self { customer, cart_id, customer_user: None }
    }
}

impl Call<CheckoutCart> {
    /// The customer's user to license, by principal name (`x-ms-customeruser-upn`; known from the SDK only).
    pub fn customer_user(self, principal_name: impl Into<String>) -> Self {
        self.with(|request| request.customer_user = Some(principal_name.into()))
    }
}

/// The result of a checkout. The service returns a success even if some or all of it failed, so there are three cases.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a checkout can fail in part, or as a whole, though the service returns a success"]
pub enum Checkout {
    /// Every order group became an order.
    Complete(CartCheckoutResult),
    /// Order groups failed; others may have become orders.
    Incomplete(IncompleteCheckout),
    /// The cart was ordered by an earlier attempt of this call whose response was lost, or by another client in the meantime:
    /// the orders are in the list, where a new one can take 15 minutes to show up (documented).
    PlacedBefore(Box<Cart>),
}

impl Checkout {
    /// Whether every order group became an order, and the response says which.
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::Complete(_))
    }
}

/// A checkout in which order groups failed.
#[derive(Clone, Debug, PartialEq)]
pub struct IncompleteCheckout {
    result: CartCheckoutResult,
}

impl IncompleteCheckout {
    /// The errors, by order group.
    pub fn errors(&self) -> &[OrderError] {
        self.result.order_errors_or_empty()
    }

    /// The groups that became orders.
    pub fn orders(&self) -> &[Order] {
        self.result.orders_or_empty()
    }

    /// The response as received.
    pub fn into_inner(self) -> CartCheckoutResult {
        self.result
    }
}

impl fmt::Display for IncompleteCheckout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.errors().len() {
            1 => f.write_str("1 order group failed, ")?,
            failed => write!(f, "{failed} order groups failed, ")?,
        }
        match self.orders().len() {
            1 => f.write_str("1 became an order")?,
            placed => write!(f, "{placed} became orders")?,
        }
        self.errors().iter().try_for_each(|error| write!(f, "; {error}"))
    }
}

impl std::error::Error for IncompleteCheckout {}

impl Resumable for CheckoutCart {}

impl sealed::Request for CheckoutCart {
    type Output = Checkout;

    async fn run(self, session: Session) -> Result<Response<Checkout>, Error> {
        let Self { customer, cart_id, customer_user } = self;
        if let Step::Look = step(&session).await {
            let cart = read(&session, Id::Own, customer, &cart_id).await?;
            let since = session.resumes().map(|first| first.first_sent_at);
            let found = match cart.status {
                Some(CartStatus::Ordered) => return Ok(was_ordered(cart)),
                _ if shows_no_effect(&cart, since) => {
                    found_nothing(&session, Operation::CheckoutCart, "the cart was not checked out")
                }
                Some(CartStatus::Active) => {
                    let message = "some order groups of the cart may have become orders: check it out in a new call, \
                                   which is documented to repeat what was ordered, or read the orders and decide";
                    undetermined(&session, Operation::CheckoutCart, message)
                }
                _ => {
                    let message = "the cart doesn't show whether it was checked out: read the orders and decide";
                    undetermined(&session, Operation::CheckoutCart, message)
                }
            };
            if !may_resend(&session) {
                return Err(found);
            }
        }
        let state = session.begin(Id::Calls, Operation::CheckoutCart);
        let id = cart_id.clone();
        let response = state
            .call(|client| async move {
                let mut call = client.checkout_cart(customer, id);
                if let Some(principal_name) = customer_user {
                    call = call.x_ms_customeruser_upn(principal_name);
                }
                call.send().await
            })
            .await;
        let error = match response {
            // A write with an unreadable response is outcome unknown.
            Ok(response) if is_empty(&response) => {
                Error::own(ErrorKind::InvalidResponse, "the response holds neither orders nor errors").during(&state)
            }
            Ok(response) => return Ok(response.map(checkout_of)),
            Err(error) => error,
        };
        // Whatever the reason of a rejection, an earlier attempt may have had its effect: the cart shows that.
        let is_open = state.may_have_effect();
        let cart = if error.is_in_progress() {
            wait_for_other(&session, customer, &cart_id).await
        } else if is_open && (error.is_rejection() || error.kind() == ErrorKind::InvalidResponse) {
            read(&session, Id::Own, customer, &cart_id).await.map(Some)
        } else {
            return Err(error);
        };
        match cart {
            Ok(Some(cart)) if cart.status == Some(CartStatus::Ordered) => Ok(was_ordered(cart)),
            // The error says whether the outcome is unknown all the same.
            Ok(Some(cart)) if shows_no_effect(&cart, Some(PendingWrite::of(&state).first_sent_at)) => Err(error),
            Ok(None) if !is_open => Err(error),
            Err(unread) if !is_open => Err(unread),
            // A single read may be stale, and a failed read says nothing about the checkout.
            _ => Err(error.leaving(PendingWrite::of(&state))),
        }
    }
}

fn is_empty(result: &CartCheckoutResult) -> bool {
    result.orders_or_empty().is_empty() && result.order_errors_or_empty().is_empty()
}

/// Whether the cart shows that no checkout since then had an effect. If there are several order groups, some can become orders
/// while others fail and the cart stays active; and a cart that was changed may have had other groups before.
fn shows_no_effect(cart: &Cart, since: Option<SystemTime>) -> bool {
    cart.status == Some(CartStatus::Active)
        && !has_several_groups(cart)
        && !since.is_some_and(|since| was_changed(cart, since))
}

fn has_several_groups(cart: &Cart) -> bool {
    let [first, others @ ..] = &cart.line_items[..] else { return false };
    others.iter().any(|line| line.order_group.is_none() || line.order_group != first.order_group)
}

/// Whether the cart was changed after that time. The last change of an unchanged cart is its creation.
fn was_changed(cart: &Cart, since: SystemTime) -> bool {
    let instant = |timestamp: Option<&Timestamp>| timestamp?.instant().map(SystemTime::from);
    let changed = instant(cart.last_modified_timestamp.as_ref());
    changed.is_some_and(|changed| changed > since) && changed != instant(cart.creation_timestamp.as_ref())
}

fn checkout_of(result: CartCheckoutResult) -> Checkout {
    if result.order_errors_or_empty().is_empty() {
        Checkout::Complete(result)
    } else {
        Checkout::Incomplete(IncompleteCheckout { result })
    }
}

fn was_ordered(cart: Response<Cart>) -> Response<Checkout> {
    cart.map(|cart| Checkout::PlacedBefore(Box::new(cart)))
}

/// Reads a cart that another request is working on (800060, 800064) until it was ordered, or the deadline comes.
async fn wait_for_other(session: &Session, customer: Uuid, cart_id: &str) -> Result<Option<Response<Cart>>, Error> {
    let mut delay = INITIAL_DELAY;
    while session.wait(delay).await.is_ok() {
        let cart = read(session, Id::Own, customer, cart_id).await?;
        if cart.status == Some(CartStatus::Ordered) {
            return Ok(Some(cart));
        }
        delay = (delay * 2).min(MAX_DELAY);
    }
    Ok(None)
}
