//! Edits of schemas, and of what contains them.

use contract::edit::Edit;
use contract_diff::Verdict::{Major, Minor, None as Nothing, Patch};
use serde_json::{Value, json};

use super::{Row, described, member, reference, remove, rename, schema, set};

pub(super) fn members() -> Vec<Row> {
    vec![
        Row::new("optional-member-added", Minor, Minor, vec![member("Order", "moonPhase", described(json!({ "type": "string" })))])
            .in_sample(),
        Row::new("optional-member-added-to-request", Minor, Minor, vec![member(
            "NewOrder",
            "moonPhase",
            described(json!({ "type": "string" })),
        )]),
        Row::new("required-member-added", Minor, Major, vec![
            member("Order", "moonPhase", described(json!({ "type": "string" }))),
            set(schema("Order", "/required/-"), json!("moonPhase")),
        ])
        .breaking("pub fn user(lines: Vec<api::types::OrderLineItem>, when: api::wire::Timestamp) -> api::types::Order { api::types::Order::new(\"x\", lines, \"y\", when) }"),
        Row::new("required-member-added-to-request", Major, Major, vec![
            member("NewOrder", "moonPhase", described(json!({ "type": "string" }))),
            set(schema("NewOrder", "/required/-"), json!("moonPhase")),
        ])
        .breaking("pub fn user(line: api::types::NewOrderLineItem) -> api::types::NewOrder { api::types::NewOrder::new([line]) }"),
        Row::new("required-members-reordered", Patch, Major, vec![set(
            schema("NewOrderLineItem", "/required"),
            json!(["offerId", "lineItemNumber", "quantity"]),
        )])
        .breaking("pub fn user() -> api::types::NewOrderLineItem { api::types::NewOrderLineItem::new(0, \"x\", 5) }"),
        Row::new("first-required-member-added", Major, Major, vec![
            member("RenewsTo", "moonPhase", described(json!({ "type": "string" }))),
            set(schema("RenewsTo", "/required"), json!(["moonPhase"])),
        ])
        .breaking("pub fn user() -> api::types::RenewsTo { Default::default() }"),
        Row::new("object-member-added", Minor, Minor, vec![member(
            "Order",
            "moon",
            described(json!({ "type": "object", "properties": { "phase": described(json!({ "type": "string" })) } })),
        )]),
        Row::new("member-removed", Major, Major, vec![remove(schema("Order", "/properties/alternateId"))])
            .breaking("pub fn user(order: &api::types::Order) -> bool { order.alternate_id.is_some() }")
            .in_sample(),
        Row::new("member-renamed", Major, Major, vec![rename(schema("Order", "/properties/alternateId"), "otherId")])
            .breaking("pub fn user(order: &api::types::Order) -> bool { order.alternate_id.is_some() }"),
        Row::new("member-spelt-otherwise", Major, Patch, vec![rename(schema("Pricing", "/properties/listPrice"), "list_price")]),
        Row::new("member-no-longer-required", Major, Major, vec![remove(schema("Order", "/required/0"))])
            .breaking("pub fn user(order: &api::types::Order) -> &str { &order.id }")
            .in_sample(),
        Row::new("member-required-in-response", Minor, Major, vec![set(schema("Order", "/required/-"), json!("currencyCode"))])
            .breaking("pub fn user(order: &api::types::Order) -> bool { order.currency_code.is_some() }"),
        Row::new("member-required-in-request", Major, Major, vec![
            set(schema("NewOrderLineItem", "/required/-"), json!("friendlyName")),
            remove(schema("NewOrderLineItem", "/properties/friendlyName/nullable")),
        ])
        .breaking("pub fn user(line: &api::types::NewOrderLineItem) -> bool { line.friendly_name.is_some() }"),
        Row::new("required-nullable-either-way", Major, Patch, vec![set(schema("NewOrderLineItem", "/required/-"), json!("friendlyName"))]),
        Row::new(
            "type-next-to-nullable-reference",
            Nothing,
            Nothing,
            vec![remove(schema("OrderLineItem", "/properties/pricing/type"))],
        ),
        Row::new("nullable-added", Major, Nothing, vec![set(schema("Order", "/properties/currencyCode/nullable"), json!(true))]),
        Row::new("nullable-added-to-required", Major, Major, vec![set(schema("Order", "/properties/id/nullable"), json!(true))])
            .breaking("pub fn user(order: &api::types::Order) -> &str { &order.id }"),
        Row::new("nullable-removed", Major, Nothing, vec![remove(schema("NewOrder", "/properties/currencyCode/nullable"))]),
        Row::new("read-only-added", Patch, Nothing, vec![set(schema("Order", "/properties/referenceCustomerId/readOnly"), json!(true))]),
        Row::new("write-only-added", Patch, Nothing, vec![set(schema("NewOrder", "/properties/referenceCustomerId/writeOnly"), json!(true))]),
        Row::new("member-description", Patch, Patch, vec![set(schema("Order", "/properties/id/description"), json!("The id."))]),
        Row::new("member-deprecated", Minor, Nothing, vec![set(schema("Order", "/properties/alternateId/deprecated"), json!(true))]),
        Row::new("member-example", Patch, Nothing, vec![set(schema("Order", "/properties/id/example"), json!("0123456789ab"))]),
        Row::new("object-of-its-own", Patch, Major, vec![set(
            schema("CartCheckoutResult", "/properties/attributes"),
            described(json!({ "readOnly": true, "type": "object", "properties": {
                "etag": described(json!({ "type": "string" })),
                "objectType": described(json!({ "type": "string" })),
            } })),
        )])
        .breaking("pub fn user(result: api::types::CartCheckoutResult) -> Option<api::types::ResourceAttributes> { result.attributes }"),
    ]
}

pub(super) fn values() -> Vec<Row> {
    vec![
        Row::new("type-changed", Major, Major, vec![set(
            schema("SubscriptionActivationResult", "/properties/status"),
            described(json!({ "type": "integer", "format": "int32" })),
        )])
        .breaking("pub fn user(result: api::types::SubscriptionActivationResult) -> String { result.status }"),
        Row::new("integer-widened", Major, Major, vec![set(
            schema("OrderLineItemProvisioningStatus", "/properties/lineItemNumber/format"),
            json!("int64"),
        )])
        .breaking("pub fn user(line: &api::types::OrderLineItemProvisioningStatus) -> i32 { line.line_item_number }"),
        Row::new("integer-format-removed", Major, Major, vec![remove(schema(
            "OrderLineItemProvisioningStatus",
            "/properties/lineItemNumber/format",
        ))])
        .breaking("pub fn user(line: &api::types::OrderLineItemProvisioningStatus) -> i32 { line.line_item_number }"),
        Row::new("date-to-text", Major, Major, vec![remove(schema(
            "SubscriptionProvisioningStatus",
            "/properties/endDate/format",
        ))])
        .breaking("pub fn user(status: api::types::SubscriptionProvisioningStatus) -> Option<api::wire::Timestamp> { status.end_date }"),
        Row::new("text-to-uri", Major, Nothing, vec![set(schema("Link", "/properties/uri/format"), json!("uri"))]),
        Row::new("money-to-double", Patch, Major, vec![set(schema("Pricing", "/properties/price/format"), json!("double"))])
            .breaking("pub fn user(pricing: api::types::Pricing) -> Option<api::wire::Money> { pricing.price }"),
        Row::new("minimum-raised", Minor, Nothing, vec![set(schema("OrderLineItem", "/properties/quantity/minimum"), json!(1))]),
        Row::new("minimum-raised-in-request", Major, Nothing, vec![set(
            schema("NewOrderLineItem", "/properties/quantity/minimum"),
            json!(1),
        )]),
        Row::new("length-loosened", Major, Nothing, vec![set(schema("Fault", "/properties/description/maxLength"), json!(4096))]),
        Row::new("length-bounded", Major, Nothing, vec![set(schema("NewOrder", "/properties/currencyCode/maxLength"), json!(3))])
            .in_sample(),
        Row::new("fewest-items", Minor, Nothing, vec![remove(schema("NewOrder", "/properties/lineItems/minItems"))]),
        Row::new("elements-changed", Major, Major, in_both_line_items(
            "/additionalPartnerIdsOnRecord/items",
            &json!({ "type": "integer", "format": "int64" }),
        ))
        .breaking("pub fn user(line: &api::types::OrderLineItem) -> &[String] { line.additional_partner_ids_on_record_or_empty() }"),
        Row::new("elements-may-be-null", Major, Major, in_both_line_items(
            "/additionalPartnerIdsOnRecord/items/nullable",
            &json!(true),
        ))
        .breaking("pub fn user(line: &api::types::OrderLineItem) -> &[String] { line.additional_partner_ids_on_record_or_empty() }"),
        Row::new("list-to-one", Major, Major, in_both_line_items(
            "/additionalPartnerIdsOnRecord",
            &described(json!({ "type": "string", "nullable": true })),
        ))
        .breaking("pub fn user(line: &api::types::OrderLineItem) -> &[String] { line.additional_partner_ids_on_record_or_empty() }"),
        Row::new("values-of-map", Major, Major, vec![set(
            schema("OtherError", "/properties/parameters/additionalProperties"),
            json!({ "type": "integer" }),
        )])
        .breaking("pub fn user(error: &api::types::OtherError) -> Option<&String> { error.parameters.as_ref()?.get(\"moon\") }"),
        Row::new("values-of-map-may-be-null", Major, Major, vec![set(
            schema("OtherError", "/properties/parameters/additionalProperties/nullable"),
            json!(true),
        )])
        .breaking("pub fn user(error: &api::types::OtherError) -> Option<&String> { error.parameters.as_ref()?.get(\"moon\") }"),
    ]
}

/// The same edit of a line item and of the form in which it is sent back, which must match each other.
fn in_both_line_items(member: &str, value: &Value) -> Vec<Edit> {
    let edit = |name| set(schema(name, &format!("/properties{member}")), value.clone());
    vec![edit("OrderLineItem"), edit("OrderLineItemPatch")]
}

pub(super) fn schemas() -> Vec<Row> {
    vec![
        Row::new(
            "schema-added",
            Patch,
            Minor,
            vec![set(
                schema("Moon", ""),
                described(
                    json!({ "type": "object", "properties": { "phase": described(json!({ "type": "string" })) } }),
                ),
            )],
        ),
        Row::new("schema-removed", Patch, Major, vec![remove(schema("OAuthError", ""))])
            .breaking("pub fn user(_: api::types::OAuthError) {}"),
        Row::new(
            "schema-renamed",
            Patch,
            Major,
            vec![
                rename(schema("Pricing", ""), "Prices"),
                Edit::Replace("#/components/schemas/Pricing".to_owned(), "#/components/schemas/Prices".to_owned()),
            ],
        )
        .breaking("pub fn user(_: api::types::Pricing) {}")
        .in_sample(),
        Row::new("schema-description", Patch, Patch, vec![set(schema("Pricing", "/description"), json!("Prices."))]),
        Row::new("schema-title", Patch, Nothing, vec![set(schema("OrderCollection", "/title"), json!("Orders"))]),
        Row::new("scalar-schema-changed", Major, Major, vec![set(schema("Phase", "/type"), json!("integer"))])
            .after(vec![
                set(schema("Phase", ""), described(json!({ "type": "string" }))),
                member("Order", "moonPhase", described(json!({ "allOf": [reference("Phase")] }))),
            ])
            .breaking("pub fn user(phase: api::types::Phase) -> String { phase.0 }"),
        Row::new(
            "unused-schema-bound",
            Patch,
            Nothing,
            vec![set(schema("OAuthError", "/properties/error/maxLength"), json!(10))],
        ),
        Row::new("sent-back-no-more", Patch, Major, vec![remove(schema("Cart", "/x-sent-back-as"))])
            .breaking("pub fn user(cart: api::types::Cart) -> api::types::NewCart { cart.into() }"),
        Row::new(
            "wire-type-changed",
            Patch,
            Major,
            vec![set(schema("FaultCode", "/x-rust-wire"), json!("NumberOrText"))],
        )
        .breaking("pub fn user(fault: api::types::Fault) -> Option<api::wire::FaultCode> { fault.code }"),
        Row::new(
            "wire-type-branch",
            Major,
            Nothing,
            vec![set(schema("FaultCode", "/oneOf/-"), json!({ "type": "boolean" }))],
        ),
        Row::new(
            "union-branch-added",
            Major,
            Minor,
            vec![set(schema("Moon", "/oneOf/-"), json!({ "type": "boolean" }))],
        )
        .after(union(&["string", "integer"])),
        Row::new("union-branch-removed", Minor, Major, vec![remove(schema("Moon", "/oneOf/1"))])
            .after(union(&["string", "integer", "boolean"]))
            .breaking("pub fn user(moon: &api::types::Moon) -> bool { matches!(moon, api::types::Moon::Integer(_)) }"),
        Row::new("wire-type-words", Patch, Nothing, vec![set(schema("FaultCode", "/description"), json!("The code."))]),
        Row::new(
            "reference-to-another",
            Major,
            Major,
            vec![set(schema("CartCheckoutResult", "/properties/attributes/allOf/0"), reference("CartLinks"))],
        )
        .breaking("pub fn user(result: api::types::CartCheckoutResult) -> Option<api::types::ResourceAttributes> { result.attributes }"),
    ]
}

/// A schema that is one of some types, and a member that holds it.
fn union(types: &[&str]) -> Vec<Edit> {
    let branches: Vec<Value> = types.iter().map(|kind| json!({ "type": kind })).collect();
    vec![
        set(schema("Moon", ""), described(json!({ "oneOf": branches }))),
        member("Order", "moon", described(json!({ "allOf": [reference("Moon")] }))),
    ]
}

pub(super) fn enums() -> Vec<Row> {
    vec![
        Row::new("open-enum-value-added", Minor, Minor, vec![set(schema("OrderStatus", "/enum/-"), json!("eclipsed"))])
            .in_sample(),
        Row::new("open-enum-value-removed", Major, Major, vec![remove(schema("OrderStatus", "/enum/9"))])
            .breaking("pub fn user() -> api::enums::OrderStatus { api::enums::OrderStatus::Suspended }"),
        Row::new(
            "enum-order",
            Nothing,
            Nothing,
            vec![set(schema("OrderRecordType", "/enum"), json!(["Combined", "Single"]))],
        ),
        Row::new(
            "text-becomes-enum",
            Minor,
            Major,
            vec![
                set(
                    schema("Moon", ""),
                    described(json!({ "type": "string", "x-extensible-enum": true, "enum": ["new", "full"] })),
                ),
                member("SubscriptionActivationResult", "status", described(json!({ "allOf": [reference("Moon")] }))),
            ],
        )
        .breaking("pub fn user(result: api::types::SubscriptionActivationResult) -> String { result.status }"),
        Row::new(
            "enum-in-parameter",
            Minor,
            Minor,
            vec![set(schema("BillingCycleFilter", "/enum/-"), json!("weekly"))],
        ),
    ]
}

pub(super) fn the_rest() -> Vec<Row> {
    vec![
        Row::new("version-of-contract", Patch, Patch, vec![set("/info/version", json!("9.9.9"))]),
        Row::new("description-of-contract", Patch, Patch, vec![set("/info/description", json!("Orders."))]),
        Row::new("licence", Patch, Nothing, vec![set("/info/license/name", json!("MIT"))]),
        Row::new("server-removed", Major, Nothing, vec![remove("/servers/1")]),
        Row::new("server-added", Minor, Nothing, vec![set("/servers/-", json!({ "url": "https://moon.example/v1" }))]),
        Row::new("tag-description", Patch, Nothing, vec![set("/tags/0/description", json!("Orders."))]),
        Row::new(
            "token-address",
            Major,
            Nothing,
            vec![set(
                "/components/securitySchemes/app_only/flows/clientCredentials/tokenUrl",
                json!("https://moon.example/token"),
            )],
        ),
        Row::codes("error-code-added", Minor, "\n1000,", "\n999,404,MoonHidden,general,,,documented\n1000,"),
        Row::codes("error-code-renamed", Major, "400,401,AccessDenied,", "400,401,AccessRejected,")
            .breaking("pub fn user() -> api::ErrorCode { api::ErrorCode::AccessDenied }"),
        Row::codes(
            "error-code-meaning",
            Patch,
            "400,401,AccessDenied,auth,Access denied.,",
            "400,401,AccessDenied,auth,No.,",
        ),
        Row::codes("error-code-removed", Major, "400,401,AccessDenied,auth,Access denied.,,documented\n", "")
            .breaking("pub fn user() -> api::ErrorCode { api::ErrorCode::AccessDenied }"),
    ]
}
