use partner_center_orders_api::types::OrderLineItemProvisioningStatus;

use crate::list::list_request;

list_request! {
    /// Reads the provisioning status of an order's lines: see [`Orders::provisioning_status`](super::Orders::provisioning_status).
    GetProvisioningStatus { order_id: String },
    GetOrderProvisioningStatus: OrderLineItemProvisioningStatusCollection as OrderLineItemProvisioningStatus,
    get_order_provisioning_status
}
