use std::fmt;

use partner_center_orders_api::Operation;
use partner_center_orders_api::types::OrderLineItemActivationLink;
use secrecy::SecretString;

/// Whether an operation's responses hold activation links, which must not be logged.
pub(crate) fn responds_with_links(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::ListOrderActivationLinks
            | Operation::ListLineItemActivationLinks
            | Operation::ListSubscriptionActivationLinks
    )
}

/// The link to activate a purchase from another publisher.
///
/// The address is a secret, as it is all that is needed to activate the purchase. So `Debug` doesn't show it.
#[derive(Clone)]
pub struct ActivationLink {
    line_item_number: Option<i32>,
    address: SecretString,
    wire: OrderLineItemActivationLink,
}

impl ActivationLink {
    /// The number of its order line.
    pub fn line_item_number(&self) -> Option<i32> {
        self.line_item_number
    }

    /// The address to open.
    ///
    /// ```
    /// use partner_center_orders::ActivationLink;
    /// use partner_center_orders::identity::secrecy::ExposeSecret;
    ///
    /// fn open(link: &ActivationLink) {
    ///     println!("open {}", link.address().expose_secret());
    /// }
    /// ```
    pub fn address(&self) -> &SecretString {
        &self.address
    }

    /// The link as received. Its `Debug` doesn't show the address; that of its `link` does.
    pub fn into_inner(self) -> OrderLineItemActivationLink {
        self.wire
    }
}

impl From<OrderLineItemActivationLink> for ActivationLink {
    fn from(wire: OrderLineItemActivationLink) -> Self {
        Self { line_item_number: wire.line_item_number, address: wire.link.uri.clone().into(), wire }
    }
}

impl fmt::Debug for ActivationLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActivationLink").field("line_item_number", &self.line_item_number).finish_non_exhaustive()
    }
}
