//! The table: single edits of the contract, what `diff` says of each, and users whose code an edit breaks.

use serde_json::{Value, json};

use crate::diff::Verdict::{self, Major, Minor, None as Nothing, Patch};
use crate::edit::Edit;
use crate::load::escaped;

/// One edit of the contract.
pub struct Row {
    /// Its name, by which it can be asked for.
    pub name: &'static str,
    /// What is done to the contract before, where it lacks what is to be edited.
    pub setup: Vec<Edit>,
    /// The edit.
    pub edits: Vec<Edit>,
    /// An edit of the table of error codes: this text becomes that one.
    pub codes: Option<(&'static str, &'static str)>,
    /// What `diff` says of the wire.
    pub wire: Verdict,
    /// What `diff` says of the Rust API. The measurement must agree.
    pub rust: Verdict,
    /// For an edit that breaks users: code that compiles before it and not after it.
    pub user: Option<&'static str>,
    /// Whether it is one of those that every change is measured by.
    pub sample: bool,
}

impl Row {
    fn new(name: &'static str, wire: Verdict, rust: Verdict, edits: Vec<Edit>) -> Self {
        Self { name, setup: Vec::new(), edits, codes: None, wire, rust, user: None, sample: false }
    }

    fn codes(name: &'static str, rust: Verdict, from: &'static str, to: &'static str) -> Self {
        Self { codes: Some((from, to)), ..Self::new(name, Patch, rust, Vec::new()) }
    }

    fn after(self, setup: Vec<Edit>) -> Self {
        Self { setup, ..self }
    }

    fn breaking(self, user: &'static str) -> Self {
        Self { user: Some(user), ..self }
    }

    fn in_sample(self) -> Self {
        Self { sample: true, ..self }
    }
}

fn set(pointer: impl Into<String>, value: Value) -> Edit {
    Edit::Set(pointer.into(), value)
}

fn remove(pointer: impl Into<String>) -> Edit {
    Edit::Remove(pointer.into())
}

fn rename(pointer: impl Into<String>, key: &str) -> Edit {
    Edit::Rename(pointer.into(), key.to_owned())
}

fn path(template: &str) -> String {
    format!("/paths/{}", escaped(template))
}

const ORDERS: &str = "/customers/{customer_id}/orders";
const ORDER: &str = "/customers/{customer_id}/orders/{order_id}";
const LINE_ITEM_LINKS: &str = "/customers/{customer_id}/orders/{order_id}/lineitems/{line_item_number}/activationlinks";
const CARTS: &str = "/customers/{customer_id}/carts";
const CHECKOUT: &str = "/customers/{customer_id}/carts/{cart_id}/checkout";
const SUBSCRIPTIONS: &str = "/customers/{customer_id}/subscriptions";
const SUBSCRIPTION: &str = "/customers/{customer_id}/subscriptions/{subscription_id}";
const SUBSCRIPTION_LINKS: &str = "/customers/{customer_id}/subscriptions/{subscription_id}/activationlinks";
const ACTIVATE: &str = "/customers/{customer_id}/subscriptions/{subscription_id}/activate";

/// The pointer of something in an operation.
fn at(template: &str, method: &str, rest: &str) -> String {
    format!("{}/{method}{rest}", path(template))
}

/// The pointer of something in a schema.
fn schema(name: &str, rest: &str) -> String {
    format!("/components/schemas/{name}{rest}")
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn described(mut value: Value) -> Value {
    value["description"] = json!("The moon over the order.");
    value
}

/// The content of a JSON body, with one of the project's own examples.
fn body_of(schema: &str, example: &str) -> Value {
    let example = json!({ "summary": "The moon", "externalValue": format!("examples/{example}") });
    json!({ "application/json": { "schema": reference(schema), "examples": { "moon": example } } })
}

fn operation(id: &str) -> Value {
    json!({
        "operationId": id,
        "tags": ["Orders"],
        "summary": "Look at the moon",
        "description": "How it stands over the customer.",
        "x-retry": "read",
        "x-auth": ["app", "user"],
        "parameters": [{ "$ref": "#/components/parameters/CustomerId" }],
        "responses": {
            "200": { "description": "The moon.", "content": body_of("Order", "get_order.response.legacy.json") },
            "404": { "$ref": "#/components/responses/NotFound" },
        },
    })
}

fn member(schema_name: &str, name: &str, value: Value) -> Edit {
    set(schema(schema_name, &format!("/properties/{name}")), value)
}

/// Every row.
pub fn rows() -> Vec<Row> {
    let mut rows = operations();
    rows.extend(parameters());
    rows.extend(bodies());
    rows.extend(members());
    rows.extend(values());
    rows.extend(schemas());
    rows.extend(enums());
    rows.extend(the_rest());
    rows
}

fn operations() -> Vec<Row> {
    vec![
        Row::new("operation-added", Minor, Minor, vec![set(
            path("/customers/{customer_id}/moon"),
            json!({ "get": operation("look_at_moon") }),
        )])
        .in_sample(),
        Row::new("operation-removed", Major, Major, vec![remove(path(SUBSCRIPTION_LINKS))])
            .breaking("pub fn user(client: &api::Client) { let _ = client.list_subscription_activation_links(); }"),
        Row::new("operation-renamed", Patch, Major, vec![set(
            at(SUBSCRIPTION, "get", "/operationId"),
            json!("read_subscription"),
        )])
        .breaking("pub fn user(client: &api::Client) { let _ = client.get_subscription(); }")
        .in_sample(),
        Row::new("operation-moved", Major, Patch, vec![rename(
            path(ACTIVATE),
            "/customers/{customer_id}/subscriptions/{subscription_id}/activation",
        )]),
        Row::new("method-changed", Major, Patch, vec![rename(at(ACTIVATE, "post", ""), "put")]),
        Row::new("path-parameter-renamed", Patch, Major, vec![
            rename(
                path(LINE_ITEM_LINKS),
                "/customers/{customer_id}/orders/{order_id}/lineitems/{line_number}/activationlinks",
            ),
            set("/components/parameters/LineItemNumber/name", json!("line_number")),
        ])
        .breaking("pub fn user(client: &api::Client) { let _ = client.list_line_item_activation_links().line_item_number(1); }"),
        Row::new("summary", Patch, Patch, vec![set(at(ORDER, "get", "/summary"), json!("Read one order"))]),
        Row::new("description-of-operation", Patch, Patch, vec![set(at(ORDER, "get", "/description"), json!("One order."))])
            .in_sample(),
        Row::new("tag-of-operation", Patch, Patch, vec![set(at(ORDER, "get", "/tags/0"), json!("Carts"))]),
        Row::new("retry-class", Patch, Patch, vec![set(at(CHECKOUT, "post", "/x-retry"), json!("once"))]),
        Row::new("sign-in-narrowed", Major, Patch, vec![set(at(ORDER, "get", "/x-auth"), json!(["user"]))]),
        Row::new("security-narrowed", Major, Nothing, vec![remove(at(ORDER, "get", "/security/0"))]),
        Row::new("operation-deprecated", Minor, Nothing, vec![set(at(ORDER, "get", "/deprecated"), json!(true))]),
        Row::new("upload-words", Patch, Nothing, vec![set(
            at("/customers/{customer_id}/orders/{order_id}/attachment", "post", "/requestBody/description"),
            json!("Other words on the parts."),
        )]),
    ]
}

fn parameters() -> Vec<Row> {
    let query = |name: &str, kind: Value| json!({ "name": name, "in": "query", "description": "The moon over the order.", "schema": kind });
    let mut required = query("moon", json!({ "type": "string" }));
    required["required"] = json!(true);
    vec![
        Row::new("optional-parameter-added", Minor, Minor, vec![set(
            at(ORDER, "get", "/parameters/-"),
            query("moon", json!({ "type": "string" })),
        )])
        .in_sample(),
        Row::new("required-parameter-added", Major, Minor, vec![set(at(ORDER, "get", "/parameters/-"), required)]),
        Row::new("parameter-removed", Major, Major, vec![remove(at(ORDERS, "get", "/parameters/3"))])
            .breaking("pub fn user(client: &api::Client) { let _ = client.list_orders().indirect_reseller_id(\"x\"); }"),
        Row::new("parameter-required", Major, Major, vec![set(
            "/components/parameters/IncludePrice/required",
            json!(true),
        )])
        .breaking("pub fn user(when: mocks::operations::GetOrderWhen) { let _ = when.include_price(Some(true)); }"),
        Row::new("parameter-optional", Minor, Major, vec![remove(at(SUBSCRIPTIONS, "get", "/parameters/0/required"))])
            .breaking("pub fn user(when: mocks::operations::ListSubscriptionsByOrderWhen, id: &String) { let _ = when.order_id(id); }"),
        Row::new("parameter-type", Major, Major, vec![set(
            "/components/parameters/IncludePrice/schema",
            json!({ "type": "string" }),
        )])
        .breaking("pub fn user(client: &api::Client) { let _ = client.get_order().include_price(true); }"),
        Row::new("parameter-format", Major, Major, vec![set("/components/parameters/OrderId/schema/format", json!("uuid"))])
            .breaking("pub fn user(when: mocks::operations::GetOrderWhen) { let _ = when.order_id(\"x\"); }"),
        Row::new("parameter-bound", Major, Nothing, vec![set("/components/parameters/OrderId/schema/maxLength", json!(36))]),
        Row::new("parameter-default", Major, Nothing, vec![set("/components/parameters/IncludePrice/schema/default", json!(true))]),
        Row::new("parameter-default-removed", Major, Nothing, vec![remove("/components/parameters/IncludePrice/schema/default")]),
        Row::new("parameter-description", Patch, Patch, vec![set(
            "/components/parameters/IncludePrice/description",
            json!("With prices."),
        )]),
        Row::new("parameter-example", Patch, Nothing, vec![set("/components/parameters/OrderId/example", json!("0123456789ab"))]),
        Row::new("parameter-moved", Major, Patch, vec![set(at(ORDERS, "get", "/parameters/3/in"), json!("header"))]),
        Row::new("parameter-renamed", Major, Major, vec![set(at(ORDERS, "get", "/parameters/3/name"), json!("reseller"))])
            .breaking("pub fn user(client: &api::Client) { let _ = client.list_orders().indirect_reseller_id(\"x\"); }"),
        Row::new("transport-header-required", Major, Nothing, vec![set(
            "/components/parameters/RequestId/required",
            json!(true),
        )]),
        Row::new("transport-header-words", Patch, Nothing, vec![set(
            "/components/parameters/RequestId/description",
            json!("A GUID."),
        )]),
    ]
}

fn bodies() -> Vec<Row> {
    let body = json!({ "required": true, "description": "A moon.", "content": body_of("NewCart", "create_cart.request.json") });
    vec![
        Row::new("body-added", Major, Minor, vec![set(at(CHECKOUT, "post", "/requestBody"), body)]),
        Row::new("body-removed", Major, Major, vec![remove(at(CARTS, "post", "/requestBody"))])
            .breaking("pub fn user(client: &api::Client, cart: api::types::NewCart) { let _ = client.create_cart().body(cart); }"),
        Row::new("body-schema", Major, Major, vec![set(
            at(CARTS, "post", "/requestBody/content/application~1json/schema"),
            reference("NewOrder"),
        )])
        .breaking("pub fn user(client: &api::Client, cart: api::types::NewCart) { let _ = client.create_cart().body(cart); }"),
        Row::new("body-description", Patch, Patch, vec![set(at(CARTS, "post", "/requestBody/description"), json!("A cart."))]),
        Row::new("refusal-added", Minor, Nothing, vec![set(
            at(ORDER, "get", "/responses/418"),
            json!({ "$ref": "#/components/responses/NotFound" }),
        )]),
        Row::new("refusal-removed", Minor, Nothing, vec![remove(at(ORDER, "get", "/responses/501"))]),
        Row::new("success-status-added", Major, Nothing, vec![set(
            at(ORDER, "get", "/responses/203"),
            json!({ "description": "The order.", "content": { "application/json": { "schema": reference("Order") } } }),
        )]),
        Row::new("success-status-changed", Major, Nothing, vec![rename(at(ORDERS, "post", "/responses/201"), "200")]),
        Row::new("answer-schema", Major, Major, vec![set(
            at(ORDER, "get", "/responses/200/content/application~1json/schema"),
            reference("Cart"),
        )])
        .breaking("pub async fn user(client: &api::Client) -> Option<api::types::Order> { client.get_order().send().await.ok().map(api::runtime::ResponseValue::into_inner) }"),
        Row::new("answer-without-body", Major, Major, vec![remove(at(ACTIVATE, "post", "/responses/200/content"))])
            .breaking("pub async fn user(client: &api::Client) -> Option<api::types::SubscriptionActivationResult> { client.activate_sandbox_subscription().send().await.ok().map(api::runtime::ResponseValue::into_inner) }"),
        Row::new("answer-description", Patch, Nothing, vec![set(at(ORDER, "get", "/responses/200/description"), json!("An order."))]),
        Row::new("answer-header-added", Minor, Nothing, vec![set(
            at(ORDER, "get", "/responses/200/headers/X-Moon"),
            described(json!({ "schema": { "type": "string" } })),
        )]),
        Row::new("answer-header-removed", Major, Nothing, vec![remove(at(ORDER, "get", "/responses/200/headers/MS-CV"))]),
        Row::new("answer-header-type", Major, Nothing, vec![set("/components/headers/ServerId/schema/type", json!("integer"))]),
        Row::new("answer-example", Patch, Nothing, vec![remove(
            at(ORDER, "get", "/responses/200/content/application~1json/examples/legacy"),
        )]),
    ]
}

fn members() -> Vec<Row> {
    vec![
        Row::new("optional-member-added", Minor, Minor, vec![member("Order", "moonPhase", described(json!({ "type": "string" })))])
            .in_sample(),
        Row::new("optional-member-added-to-request", Minor, Minor, vec![member(
            "NewOrder",
            "moonPhase",
            described(json!({ "type": "string" })),
        )]),
        Row::new("required-member-added", Minor, Minor, vec![
            member("Order", "moonPhase", described(json!({ "type": "string" }))),
            set(schema("Order", "/required/-"), json!("moonPhase")),
        ]),
        Row::new("required-member-added-to-request", Major, Minor, vec![
            member("NewOrder", "moonPhase", described(json!({ "type": "string" }))),
            set(schema("NewOrder", "/required/-"), json!("moonPhase")),
        ]),
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
        Row::new("member-required-in-answer", Minor, Major, vec![set(schema("Order", "/required/-"), json!("currencyCode"))])
            .breaking("pub fn user(order: &api::types::Order) -> bool { order.currency_code.is_some() }"),
        Row::new("member-required-in-request", Major, Major, vec![
            set(schema("NewOrderLineItem", "/required/-"), json!("friendlyName")),
            remove(schema("NewOrderLineItem", "/properties/friendlyName/nullable")),
        ])
        .breaking("pub fn user(line: &api::types::NewOrderLineItem) -> bool { line.friendly_name.is_some() }"),
        Row::new("required-nullable-either-way", Major, Patch, vec![set(schema("NewOrderLineItem", "/required/-"), json!("friendlyName"))]),
        Row::new(
            "type-beside-nullable-reference",
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

fn values() -> Vec<Row> {
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
        .breaking("pub fn user(line: &api::types::OrderLineItem) -> &[String] { line.additional_partner_ids_on_record() }"),
        Row::new("elements-may-be-null", Major, Major, in_both_line_items(
            "/additionalPartnerIdsOnRecord/items/nullable",
            &json!(true),
        ))
        .breaking("pub fn user(line: &api::types::OrderLineItem) -> &[String] { line.additional_partner_ids_on_record() }"),
        Row::new("list-to-one", Major, Major, in_both_line_items(
            "/additionalPartnerIdsOnRecord",
            &described(json!({ "type": "string", "nullable": true })),
        ))
        .breaking("pub fn user(line: &api::types::OrderLineItem) -> &[String] { line.additional_partner_ids_on_record() }"),
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

/// The same edit of a line item and of the form in which it is sent back, which must fit each other.
fn in_both_line_items(member: &str, value: &Value) -> Vec<Edit> {
    let edit = |name| set(schema(name, &format!("/properties{member}")), value.clone());
    vec![edit("OrderLineItem"), edit("OrderLineItemPatch")]
}

fn schemas() -> Vec<Row> {
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

fn enums() -> Vec<Row> {
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

fn the_rest() -> Vec<Row> {
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
        Row::codes("error-code-renamed", Major, "400,401,AccessDenied,", "400,401,AccessRefused,")
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
