use crate::activation::ActivationLink;
use crate::list::list_request;

list_request! {
    /// Reads the activation links of an order: see [`Orders::activation_links`](super::Orders::activation_links).
    ListOrderActivationLinks { order_id: String },
    ListOrderActivationLinks: OrderLineItemActivationLinkCollection as ActivationLink,
    list_order_activation_links
}

list_request! {
    /// Reads the activation links of a line: see
    /// [`Orders::line_activation_links`](super::Orders::line_activation_links).
    ListLineActivationLinks { order_id: String, line_item_number: i32 },
    ListLineItemActivationLinks: OrderLineItemActivationLinkCollection as ActivationLink,
    list_line_item_activation_links
}
