use std::fmt;
use std::time::Duration;

use partner_center_orders_api::enums::CartStatus;
use partner_center_orders_api::runtime::Escaped;
use partner_center_orders_api::types::{Cart, CartCheckoutResult, Order, OrderError};
use partner_center_orders_api::{ErrorCode, Operation};
use uuid::Uuid;

use super::get::read;
use crate::call::{Call, Id, Session, sealed};
use crate::resume::{Resumable, Step, cannot_tell, found_nothing, step};
use crate::{Error, ErrorKind, Response};

/// The first and the longest wait between two looks at a cart that somebody else is checking out. Our choice.
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Buys what is in a cart: see [`Carts::checkout`](super::Carts::checkout).
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
    /// The user of the customer to license, by principal name (`x-ms-customeruser-upn`; known from the SDK only).
    pub fn customer_user(self, principal_name: impl Into<String>) -> Self {
        self.with(|request| request.customer_user = Some(principal_name.into()))
    }
}

/// What came of a checkout. The service answers with a success even if some or all of it failed, so there are three cases.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a checkout can fail in part, or as a whole, though the service answers with a success"]
pub enum Checkout {
    /// Every order group became an order.
    Complete(CartCheckoutResult),
    /// Order groups failed; others may have become orders.
    Incomplete(IncompleteCheckout),
    /// The cart was ordered by an earlier try of this call whose answer was lost, or by somebody else meanwhile: the orders
    /// are found in the list, where a new one can take 15 minutes to show up (documented).
    PlacedBefore(Box<Cart>),
}

impl Checkout {
    /// Whether every order group became an order, and the answer says which.
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::Complete(_))
    }
}

/// A checkout of which order groups failed.
#[derive(Clone, Debug, PartialEq)]
pub struct IncompleteCheckout {
    result: CartCheckoutResult,
}

impl IncompleteCheckout {
    /// What failed, by order group.
    pub fn errors(&self) -> &[OrderError] {
        self.result.order_errors()
    }

    /// What became orders all the same.
    pub fn orders(&self) -> &[Order] {
        self.result.orders()
    }

    /// The answer as it came.
    pub fn into_inner(self) -> CartCheckoutResult {
        self.result
    }
}

impl fmt::Display for IncompleteCheckout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} order groups failed, {} became orders", self.errors().len(), self.orders().len())?;
        for error in self.errors() {
            let group = error.order_group_id.as_deref().unwrap_or("?");
            write!(f, "; group {}:", Escaped(group))?;
            if let Some(code) = &error.code {
                write!(f, " code {}", Escaped(code))?;
            }
            if let Some(description) = &error.description {
                write!(f, " {}", Escaped(description))?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for IncompleteCheckout {}

impl Resumable for CheckoutCart {}

impl sealed::Request for CheckoutCart {
    type Answer = Checkout;

    async fn run(self, session: Session) -> Result<Response<Checkout>, Error> {
        let Self { customer, cart_id, customer_user } = self;
        if let Step::Look { ago, .. } = step(&session) {
            let cart = read(&session, Id::Own, customer, &cart_id).await?;
            return match cart.status {
                Some(CartStatus::Ordered) => Ok(was_ordered(cart)),
                Some(CartStatus::Active) => {
                    Err(found_nothing(&session, Operation::CheckoutCart, ago, "the cart was not checked out"))
                }
                _ => {
                    let what = "the cart doesn't show whether it was checked out: look at the orders and decide";
                    Err(cannot_tell(&session, Operation::CheckoutCart, what))
                }
            };
        }
        let begun = session.begin(Id::Calls, Operation::CheckoutCart);
        let id = cart_id.clone();
        let answer = begun
            .exchange(|client| async move {
                let mut call = client.checkout_cart().customer_id(customer).cart_id(id);
                if let Some(principal_name) = customer_user {
                    call = call.x_ms_customeruser_upn(principal_name);
                }
                call.send().await
            })
            .await;
        let error = match answer {
            Ok(answer) if is_empty(&answer) => {
                // A write with an unreadable answer is outcome unknown.
                return Err(begun.own_error(ErrorKind::UnreadableAnswer, "the answer holds neither orders nor errors"));
            }
            Ok(answer) => return Ok(answer.map(judge)),
            Err(error) => error,
        };
        // Only an earlier try of this call can have submitted a cart that was not submitted when it began.
        let tried_before = error.is_outcome_unknown() || session.resumes().is_some();
        let seen = if error.code() == Some(ErrorCode::CartAlreadySubmitted) && tried_before {
            placed_before(&session, customer, &cart_id).await
        } else if error.is_in_progress() {
            wait_for_other(&session, customer, &cart_id).await
        } else {
            Ok(None)
        };
        match (seen, error.unfinished()) {
            (Ok(placed), _) => placed.ok_or(error),
            // That the cart can't be read doesn't tell what became of it.
            (Err(unseen), Some(unfinished)) => Err(unseen.leaving(unfinished)),
            (Err(unseen), None) => Err(unseen),
        }
    }
}

fn is_empty(result: &CartCheckoutResult) -> bool {
    result.orders().is_empty() && result.order_errors().is_empty()
}

fn judge(result: CartCheckoutResult) -> Checkout {
    if result.order_errors().is_empty() {
        Checkout::Complete(result)
    } else {
        Checkout::Incomplete(IncompleteCheckout { result })
    }
}

fn was_ordered(cart: Response<Cart>) -> Response<Checkout> {
    cart.map(|cart| Checkout::PlacedBefore(Box::new(cart)))
}

/// The cart, if it was ordered.
async fn placed_before(session: &Session, customer: Uuid, cart_id: &str) -> Result<Option<Response<Checkout>>, Error> {
    let cart = read(session, Id::Own, customer, cart_id).await?;
    let is_ordered = cart.status == Some(CartStatus::Ordered);
    Ok(is_ordered.then(|| was_ordered(cart)))
}

/// Another request holds the cart (800060, 800064): waits and reads until it was ordered, as long as the deadline allows.
async fn wait_for_other(session: &Session, customer: Uuid, cart_id: &str) -> Result<Option<Response<Checkout>>, Error> {
    let mut wait = FIRST_WAIT;
    while session.wait(wait).await.is_ok() {
        if let Some(placed) = placed_before(session, customer, cart_id).await? {
            return Ok(Some(placed));
        }
        wait = (wait * 2).min(LONGEST_WAIT);
    }
    Ok(None)
}
