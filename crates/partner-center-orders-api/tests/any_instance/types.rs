//! Every type of the contract with its members, the required ones in the order of its constructor. A test of its own checks that
//! none is missing.

use std::collections::BTreeMap;

use partner_center_orders_api::enums;
use partner_center_orders_api::types::*;
use partner_center_orders_api::wire::{CartFaultCode, FaultCode, Money, NumberOrText, Timestamp};
use serde_json::{Map, Value};

use crate::made::{Make, Maker, Present};

/// Makes instances as users do: members before `;` are arguments of the constructor, the others are set at random.
macro_rules! built {
    ($($type:ident { $($member:ident: $kind:ty),* ; $($option:ident: $option_kind:ty),* })*) => {
        $(
            impl Make for $type {
                fn make(maker: &mut Maker) -> Self {
                    maker.nested(|maker| {
                        let made = $type::new($(<$kind>::make(maker)),*).extra(maker.unknown_members());
                        $(let made =
                            if maker.has_option() { made.$option(<$option_kind>::make(maker)) } else { made };)*
                        made
                    })
                }
            }
        )*

        /// Calls a macro with the name of every type.
        macro_rules! every_type {
            ($then:ident) => { $then! { $($type)* } };
        }
        pub(crate) use every_type;
    };
}

built! {
    AttachmentMetadata {
        customer_price: NumberOrText, currency: String;
        fx_rate: NumberOrText, is_part_of_tender: bool, tender_link: String
    }
    Cart {
        id: String, line_items: Vec<CartLineItem>;
        attributes: ResourceAttributes, creation_timestamp: Timestamp, expiration_timestamp: Timestamp,
        last_modified_timestamp: Timestamp, last_modified_user: String, links: CartLinks,
        partner_on_record_attestation_accepted: bool, status: enums::CartStatus
    }
    CartCheckoutResult {
        ;
        additional_information: Present, attributes: ResourceAttributes, order_errors: Vec<OrderError>,
        orders: Vec<Order>
    }
    CartError { ; additional_information: CartErrorInformation, error_code: CartFaultCode, error_description: String }
    CartErrorInformation { ; available_quantity: i32, purchased_quantity: i32 }
    CartLineItem {
        id: i32, catalog_item_id: String, quantity: i32;
        addon_items: Vec<CartLineItem>, attestation_accepted: bool, billing_cycle: enums::BillingCycle,
        currency_code: String, custom_term_end_date: Timestamp, error: CartError, friendly_name: String,
        order_group: String, participants: Vec<CartParticipant>, pricing: Pricing, promotion_id: String,
        provisioning_context: BTreeMap<String, String>, purchase_commitment: PurchaseCommitment,
        purchase_system: String, renews_to: RenewsTo, term_duration: String
    }
    CartLinks { ; self_: Link }
    CartParticipant { key: enums::ParticipantRole, value: String;  }
    ClientContext { ; device_family: String, marketplace_country: String, name: String }
    CollectionLinks { ; next: Link, previous: Link, self_: Link }
    Fault {
        ;
        code: FaultCode, data: Present, description: String, error_message_extended: String, error_name: String,
        is_retryable: bool, message: String, other_errors: Vec<OtherError>, parameters: Map<String, Value>,
        source: String, status_code: i32
    }
    ItemType { ; display_name: String, id: String, sub_type: Box<ItemType> }
    Link { uri: String, method: String; body: String, headers: Vec<LinkHeader> }
    LinkHeader { ; key: String, value: String }
    NewCart {
        line_items: Vec<NewCartLineItem>;
        attributes: ResourceAttributes, creation_timestamp: Timestamp, expiration_timestamp: Timestamp, id: String,
        last_modified_timestamp: Timestamp, last_modified_user: String, links: CartLinks,
        partner_on_record_attestation_accepted: bool, status: enums::CartStatus
    }
    NewCartLineItem {
        catalog_item_id: String, quantity: i32;
        addon_items: Vec<NewCartLineItem>, attestation_accepted: bool, billing_cycle: enums::BillingCycle,
        currency_code: String, custom_term_end_date: Timestamp, error: CartError, friendly_name: String, id: i32,
        order_group: String, participants: Vec<CartParticipant>, pricing: Pricing, promotion_id: String,
        provisioning_context: BTreeMap<String, String>, purchase_commitment: PurchaseCommitment,
        purchase_system: String, renews_to: RenewsTo, term_duration: String
    }
    NewOrder {
        line_items: Vec<NewOrderLineItem>;
        attributes: ResourceAttributes, billing_cycle: enums::BillingCycle, creation_date: Timestamp,
        currency_code: String, id: String, partner_on_record_attestation_accepted: bool, reference_customer_id: String
    }
    NewOrderLineItem {
        line_item_number: i32, offer_id: String, quantity: i32;
        additional_partner_ids_on_record: Vec<String>, attestation_accepted: bool, attributes: ResourceAttributes,
        custom_term_end_date: Timestamp, friendly_name: String, parent_subscription_id: String,
        partner_id_on_record: String, promotion_id: String, provisioning_context: BTreeMap<String, String>,
        purchase_commitment: PurchaseCommitment, renews_to: RenewsTo, subscription_id: String, term_duration: String
    }
    NextChargeInstructions { ; product: ProductTerm, quantity: i32 }
    OAuthError {
        error: String;
        correlation_id: String, error_codes: Vec<i64>, error_description: String, timestamp: String, trace_id: String
    }
    OAuthToken {
        token_type: String, access_token: String;
        expires_in: NumberOrText, expires_on: NumberOrText, ext_expires_in: NumberOrText, id_token: String,
        not_before: NumberOrText, refresh_token: String, resource: String, scope: String
    }
    Order {
        id: String, line_items: Vec<OrderLineItem>, reference_customer_id: String, creation_date: Timestamp;
        alternate_id: String, attributes: ResourceAttributes, billing_cycle: enums::BillingCycle,
        client: ClientContext, currency_code: String, currency_symbol: String, links: OrderLinks,
        partner_on_record_attestation_accepted: bool, record_type: enums::OrderRecordType, status: enums::OrderStatus,
        total_price: Money, transaction_type: enums::OrderTransactionType
    }
    OrderAttachment {
        ;
        attachment_id: String, attachment_type: enums::AttachmentType, attributes: ResourceAttributes,
        file_name: String, size_in_kb: i32
    }
    OrderAttachmentCollection {
        items: Vec<OrderAttachment>;
        attributes: ResourceAttributes, links: CollectionLinks, total_count: i32
    }
    OrderCollection { items: Vec<Order>; attributes: ResourceAttributes, links: CollectionLinks, total_count: i32 }
    OrderError { ; code: FaultCode, description: String, order_group_id: String }
    OrderLineItem {
        line_item_number: i32, offer_id: String, quantity: i32;
        additional_partner_ids_on_record: Vec<String>, attestation_accepted: bool, attributes: ResourceAttributes,
        custom_term_end_date: Timestamp, friendly_name: String, links: OrderLineItemLinks,
        parent_subscription_id: String, partner_id_on_record: String, pricing: Pricing, promotion_id: String,
        provisioning_context: BTreeMap<String, String>, purchase_commitment: PurchaseCommitment, renews_to: RenewsTo,
        subscription_id: String, term_duration: String, transaction_type: enums::OrderLineTransactionType
    }
    OrderLineItemActivationLink { link: Link; attributes: ResourceAttributes, line_item_number: i32 }
    OrderLineItemActivationLinkCollection {
        items: Vec<OrderLineItemActivationLink>;
        attributes: ResourceAttributes, links: CollectionLinks, total_count: i32
    }
    OrderLineItemLinks {
        ;
        activation_links: Link, availability: Link, product: Link, provisioning_status: Link, sku: Link,
        subscription: Link
    }
    OrderLineItemPatch {
        line_item_number: i32, offer_id: String;
        additional_partner_ids_on_record: Vec<String>, attestation_accepted: bool, attributes: ResourceAttributes,
        custom_term_end_date: Timestamp, friendly_name: String, links: OrderLineItemLinks,
        parent_subscription_id: String, partner_id_on_record: String, pricing: Pricing, promotion_id: String,
        provisioning_context: BTreeMap<String, String>, purchase_commitment: PurchaseCommitment, quantity: i32,
        renews_to: RenewsTo, subscription_id: String, term_duration: String, transaction_type: enums::OrderLineTransactionType
    }
    OrderLineItemProvisioningStatus {
        line_item_number: i32, status: enums::FulfillmentStatus;
        attributes: ResourceAttributes, order_line_item_id: i32,
        quantity_provisioning_information: Vec<QuantityProvisioningInformation>
    }
    OrderLineItemProvisioningStatusCollection {
        items: Vec<OrderLineItemProvisioningStatus>;
        attributes: ResourceAttributes, links: CollectionLinks, total_count: i32
    }
    OrderLinks { ; patch_operation: Link, provisioning_status: Link, self_: Link }
    OrderPatch {
        ;
        alternate_id: String, attributes: ResourceAttributes, billing_cycle: enums::BillingCycle,
        client: ClientContext, creation_date: Timestamp, currency_code: String, currency_symbol: String, id: String,
        line_items: Vec<OrderLineItemPatch>, links: OrderLinks, partner_on_record_attestation_accepted: bool,
        record_type: enums::OrderRecordType, reference_customer_id: String, status: enums::OrderStatus,
        total_price: Money, transaction_type: enums::OrderTransactionType
    }
    OtherError { ; error_code: FaultCode, message: String, parameters: BTreeMap<String, String> }
    Pricing { ; discounted_price: Money, extended_price: Money, list_price: Money, price: Money, prorated_price: Money }
    ProductTerm {
        ;
        availability_id: String, billing_cycle: enums::BillingCycle, product_id: String, promotion_id: String,
        sku_id: String, term_duration: String
    }
    PurchaseCommitment { ; amount: NumberOrText, currency: String, grain: String }
    QuantityProvisioningInformation { ; quantity: i32, status: enums::FulfillmentStatus }
    RefundOption { ; expires_at: Timestamp, type_: String }
    RefundableQuantity { ; details: Vec<RefundableQuantityDetail>, total_quantity: i32 }
    RefundableQuantityDetail { ; allowed_until_date_time: Timestamp, quantity: i32 }
    RenewsTo { ; term_duration: String }
    ResourceAttributes { ; etag: String, object_type: String }
    ScheduledNextTermInstructions { ; custom_term_end_date: Timestamp, product: ProductTerm, quantity: i32 }
    Subscription {
        id: String, quantity: i32, status: enums::SubscriptionStatus;
        action_taken: bool, actions: Vec<String>, attention_needed: bool, attributes: ResourceAttributes,
        auto_renew_enabled: bool, billing_cycle: enums::BillingCycle, billing_cycle_end_date: Timestamp,
        billing_cycle_end_date_time: Timestamp, billing_type: enums::BillingType,
        cancellation_allowed_until_date: Timestamp, commitment_end_date: Timestamp,
        commitment_end_date_time: Timestamp, consumption_type: Present, contract_type: enums::ContractType,
        creation_date: Timestamp, custom_term_end_date: Timestamp, effective_start_date: Timestamp,
        entitlement_id: String, friendly_name: String, has_purchasable_addons: bool, is_microsoft_product: bool,
        is_trial: bool, line_items: Vec<SubscriptionLineItem>, links: SubscriptionLinks,
        migrated_from_subscription_id: String, next_charge_instructions: NextChargeInstructions, offer_id: String,
        offer_name: String, order_id: String, parent_subscription_id: String, partner_id: String,
        product_order_id: String, product_type: ItemType, promotion_id: String, publisher_name: String,
        refund_options: Vec<RefundOption>, refundable_quantity: RefundableQuantity, renewal_term_duration: String,
        scheduled_actions: Present, scheduled_next_term_instructions: ScheduledNextTermInstructions,
        suspension_reasons: Vec<String>, term_duration: String, unit_type: String
    }
    SubscriptionActivationResult { subscription_id: String, status: String;  }
    SubscriptionCollection {
        items: Vec<Subscription>;
        attributes: ResourceAttributes, links: CollectionLinks, total_count: i32
    }
    SubscriptionLineItem {
        ;
        auto_renew_enabled: bool, friendly_name: String, id: String, purchase_commitment: PurchaseCommitment,
        scope: SubscriptionScope, status: enums::SubscriptionStatus
    }
    SubscriptionLinks {
        ;
        activation_links: Link, availability: Link, entitlement: Link, next: Link, offer: Link,
        parent_subscription: Link, previous: Link, product: Link, self_: Link, sku: Link
    }
    SubscriptionPatch {
        ;
        action_taken: bool, actions: Vec<String>, attention_needed: bool, attributes: ResourceAttributes,
        auto_renew_enabled: bool, billing_cycle: enums::BillingCycle, billing_cycle_end_date: Timestamp,
        billing_cycle_end_date_time: Timestamp, billing_type: enums::BillingType,
        cancellation_allowed_until_date: Timestamp, commitment_end_date: Timestamp,
        commitment_end_date_time: Timestamp, consumption_type: Present, contract_type: enums::ContractType,
        creation_date: Timestamp, custom_term_end_date: Timestamp, effective_start_date: Timestamp,
        entitlement_id: String, friendly_name: String, has_purchasable_addons: bool, id: String,
        is_microsoft_product: bool, is_trial: bool, line_items: Vec<SubscriptionLineItem>, links: SubscriptionLinks,
        migrated_from_subscription_id: String, next_charge_instructions: NextChargeInstructions, offer_id: String,
        offer_name: String, order_id: String, parent_subscription_id: String, partner_id: String,
        product_order_id: String, product_type: ItemType, promotion_id: String, publisher_name: String,
        quantity: i32, refund_options: Vec<RefundOption>, refundable_quantity: RefundableQuantity,
        renewal_term_duration: String, scheduled_actions: Present,
        scheduled_next_term_instructions: ScheduledNextTermInstructions, status: enums::SubscriptionStatus,
        suspension_reasons: Vec<String>, term_duration: String, unit_type: String
    }
    SubscriptionProvisioningStatus {
        sku_id: String, status: enums::SubscriptionProvisioningState, quantity: i32;
        attributes: ResourceAttributes, end_date: Timestamp
    }
    SubscriptionScope {
        ;
        entitlement_id: String, management_group_id: String, resource_group_id: String, subscription_id: String,
        type_: String
    }
}
