use partner_center_orders_api::types::Subscription;

use crate::list::list_request;

list_request! {
    /// Reads the subscriptions of an order: see [`Orders::subscriptions`](super::Orders::subscriptions).
    ListOrderSubscriptions { order_id: String },
    ListSubscriptionsByOrder: SubscriptionCollection as Subscription,
    list_subscriptions_by_order
}
