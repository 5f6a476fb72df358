use crate::activation::ActivationLink;
use crate::list::list_request;

list_request! {
    /// Reads the activation links of a subscription: see
    /// [`Subscriptions::activation_links`](super::Subscriptions::activation_links).
    ListSubscriptionActivationLinks { subscription_id: String },
    ListSubscriptionActivationLinks: OrderLineItemActivationLinkCollection as ActivationLink,
    list_subscription_activation_links
}
