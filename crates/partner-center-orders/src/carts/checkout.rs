use std::fmt;
use std::time::{Duration, SystemTime};

use partner_center_orders_api::Operation;
use partner_center_orders_api::enums::CartStatus;
use partner_center_orders_api::runtime::Escaped;
use partner_center_orders_api::types::{Cart, CartCheckoutResult, Order, OrderError};
use partner_center_orders_api::wire::Timestamp;
use uuid::Uuid;

use super::get::read;
use crate::call::{Call, Id, Session, sealed};
use crate::resume::{Resumable, Step, cannot_tell, found_nothing, may_resend, step};
use crate::{Error, ErrorKind, PendingWrite, Response};

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
    /// The cart was ordered by an earlier attempt of this call whose response was lost, or by somebody else meanwhile: the
    /// orders are found in the list, where a new one can take 15 minutes to show up (documented).
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
                    let what = "some order groups of the cart may have become orders: check it out in a new call, \
                                which is documented to repeat what was ordered, or look at the orders and decide";
                    cannot_tell(&session, Operation::CheckoutCart, what)
                }
                _ => {
                    let what = "the cart doesn't show whether it was checked out: look at the orders and decide";
                    cannot_tell(&session, Operation::CheckoutCart, what)
                }
            };
            if !may_resend(&session) {
                return Err(found);
            }
        }
        let state = session.begin(Id::Calls, Operation::CheckoutCart);
        let id = cart_id.clone();
        let answer = state
            .call(|client| async move {
                let mut call = client.checkout_cart().customer_id(customer).cart_id(id);
                if let Some(principal_name) = customer_user {
                    call = call.x_ms_customeruser_upn(principal_name);
                }
                call.send().await
            })
            .await;
        let error = match answer {
            // A write with an unreadable response is outcome unknown.
            Ok(answer) if is_empty(&answer) => {
                Error::own(ErrorKind::InvalidResponse, "the answer holds neither orders nor errors").during(&state)
            }
            Ok(answer) => return Ok(answer.map(judge)),
            Err(error) => error,
        };
        // Whatever it was rejected for, an earlier attempt may have had its effect: the cart shows that.
        let is_open = state.may_have_effect();
        let seen = if error.is_in_progress() {
            wait_for_other(&session, customer, &cart_id).await
        } else if is_open && (error.is_rejection() || error.kind() == ErrorKind::InvalidResponse) {
            read(&session, Id::Own, customer, &cart_id).await.map(Some)
        } else {
            return Err(error);
        };
        match seen {
            Ok(Some(cart)) if cart.status == Some(CartStatus::Ordered) => Ok(was_ordered(cart)),
            // What the rejection leaves open all the same, the error says.
            Ok(Some(cart)) if shows_no_effect(&cart, Some(PendingWrite::of(&state).first_sent_at)) => Err(error),
            Ok(None) if !is_open => Err(error),
            Err(unseen) if !is_open => Err(unseen),
            // One read alone may be behind, and that the cart can't be read doesn't tell what became of it.
            _ => Err(error.leaving(PendingWrite::of(&state))),
        }
    }
}

fn is_empty(result: &CartCheckoutResult) -> bool {
    result.orders().is_empty() && result.order_errors().is_empty()
}

/// Whether the cart shows that no checkout of it since then had an effect. Of several order groups some can become orders while
/// others fail, and the cart stays active; and a cart that was changed may have had other groups before.
fn shows_no_effect(cart: &Cart, since: Option<SystemTime>) -> bool {
    cart.status == Some(CartStatus::Active)
        && !has_several_groups(cart)
        && !since.is_some_and(|since| was_changed(cart, since))
}

fn has_several_groups(cart: &Cart) -> bool {
    let [first, others @ ..] = &cart.line_items[..] else { return false };
    others.iter().any(|line| line.order_group.is_none() || line.order_group != first.order_group)
}

/// Whether the cart was changed after that time. One that never was shows its creation as its last change.
fn was_changed(cart: &Cart, since: SystemTime) -> bool {
    let instant = |timestamp: Option<&Timestamp>| timestamp?.instant().map(SystemTime::from);
    let changed = instant(cart.last_modified_timestamp.as_ref());
    changed.is_some_and(|changed| changed > since) && changed != instant(cart.creation_timestamp.as_ref())
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

/// Another request holds the cart (800060, 800064): waits and reads until it was ordered, as long as the deadline allows.
async fn wait_for_other(session: &Session, customer: Uuid, cart_id: &str) -> Result<Option<Response<Cart>>, Error> {
    let mut wait = FIRST_WAIT;
    while session.wait(wait).await.is_ok() {
        let cart = read(session, Id::Own, customer, cart_id).await?;
        if cart.status == Some(CartStatus::Ordered) {
            return Ok(Some(cart));
        }
        wait = (wait * 2).min(LONGEST_WAIT);
    }
    Ok(None)
}
