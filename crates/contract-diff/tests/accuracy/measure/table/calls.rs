//! Edits of operations, parameters and bodies.

use contract_diff::Verdict::{Major, Minor, None as Nothing, Patch};
use serde_json::{Value, json};

use super::{
    ACTIVATE, CARTS, CHECKOUT, LINE_ITEM_LINKS, ORDER, ORDERS, Row, SUBSCRIPTION, SUBSCRIPTION_LINKS, SUBSCRIPTIONS,
    at, body_of, described, operation, path, reference, remove, rename, set,
};

pub(super) fn operations() -> Vec<Row> {
    vec![
        Row::new("operation-added", Minor, Minor, vec![set(
            path("/customers/{customer_id}/moon"),
            json!({ "get": operation("look_at_moon") }),
        )])
        .in_sample(),
        Row::new("operation-removed", Major, Major, vec![remove(path(SUBSCRIPTION_LINKS))])
            .breaking("pub fn user(client: &api::Client) { let _ = client.list_subscription_activation_links(Default::default(), \"x\"); }"),
        Row::new("operation-renamed", Patch, Major, vec![set(
            at(SUBSCRIPTION, "get", "/operationId"),
            json!("read_subscription"),
        )])
        .breaking("pub fn user(client: &api::Client) { let _ = client.get_subscription(Default::default(), \"x\"); }")
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
        .breaking("pub fn user(when: mocks::operations::ListLineItemActivationLinksWhen) { let _ = when.line_item_number(1); }"),
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

pub(super) fn parameters() -> Vec<Row> {
    let query = |name: &str, kind: Value| json!({ "name": name, "in": "query", "description": "The moon over the order.", "schema": kind });
    let required = |name: &str, kind: Value| {
        let mut parameter = query(name, kind);
        parameter["required"] = json!(true);
        parameter
    };
    let moon = || required("moon", json!({ "type": "integer", "format": "int32" }));
    let order_id = required("order_id", json!({ "type": "string" }));
    vec![
        Row::new("optional-parameter-added", Minor, Minor, vec![set(
            at(ORDER, "get", "/parameters/-"),
            query("moon", json!({ "type": "string" })),
        )])
        .in_sample(),
        Row::new("required-parameter-added", Major, Major, vec![set(at(ORDER, "get", "/parameters/-"), moon())])
            .breaking("pub fn user(client: &api::Client) { let _ = client.get_order(Default::default(), \"x\"); }"),
        Row::new("arguments-reordered", Patch, Major, vec![set(
            at(SUBSCRIPTIONS, "get", "/parameters"),
            json!([moon(), order_id]),
        )])
        .after(vec![set(at(SUBSCRIPTIONS, "get", "/parameters"), json!([order_id, moon()]))])
        .breaking("pub fn user(client: &api::Client) { let _ = client.list_subscriptions_by_order(Default::default(), \"x\", 1); }"),
        Row::new("parameter-removed", Major, Major, vec![remove(at(ORDERS, "get", "/parameters/3"))])
            .breaking("pub fn user(client: &api::Client) { let _ = client.list_orders(Default::default()).indirect_reseller_id(\"x\"); }"),
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
        .breaking("pub fn user(client: &api::Client) { let _ = client.get_order(Default::default(), \"x\").include_price(true); }"),
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
            .breaking("pub fn user(client: &api::Client) { let _ = client.list_orders(Default::default()).indirect_reseller_id(\"x\"); }"),
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

pub(super) fn bodies() -> Vec<Row> {
    let body = json!({ "required": true, "description": "A moon.", "content": body_of("NewCart", "create_cart.request.json") });
    vec![
        Row::new("body-added", Major, Major, vec![set(at(CHECKOUT, "post", "/requestBody"), body)])
            .breaking("pub fn user(client: &api::Client) { let _ = client.checkout_cart(Default::default(), \"x\"); }"),
        Row::new("body-removed", Major, Major, vec![remove(at(CARTS, "post", "/requestBody"))])
            .breaking("pub fn user(client: &api::Client, cart: api::types::NewCart) { let _ = client.create_cart(Default::default(), cart); }"),
        Row::new("body-schema", Major, Major, vec![set(
            at(CARTS, "post", "/requestBody/content/application~1json/schema"),
            reference("NewOrder"),
        )])
        .breaking("pub fn user(client: &api::Client, cart: api::types::NewCart) { let _ = client.create_cart(Default::default(), cart); }"),
        Row::new("body-description", Patch, Patch, vec![set(at(CARTS, "post", "/requestBody/description"), json!("A cart."))]),
        Row::new("error-response-added", Minor, Nothing, vec![set(
            at(ORDER, "get", "/responses/418"),
            json!({ "$ref": "#/components/responses/NotFound" }),
        )]),
        Row::new("error-response-removed", Minor, Nothing, vec![remove(at(ORDER, "get", "/responses/501"))]),
        Row::new("success-status-added", Major, Nothing, vec![set(
            at(ORDER, "get", "/responses/203"),
            json!({ "description": "The order.", "content": { "application/json": { "schema": reference("Order") } } }),
        )]),
        Row::new("accepted-added", Major, Major, vec![set(
            at(ORDER, "get", "/responses/202"),
            json!({ "description": "The order is being collected." }),
        )])
        .breaking("pub async fn user(client: &api::Client) -> Option<api::types::Order> { client.get_order(Default::default(), \"x\").send().await.ok().map(api::runtime::ResponseValue::into_inner) }"),
        Row::new("success-without-body-added", Major, Major, vec![set(
            at(ACTIVATE, "post", "/responses/204"),
            json!({ "description": "It is active." }),
        )])
        .breaking("pub async fn user(client: &api::Client) -> Option<api::types::SubscriptionActivationResult> { client.activate_sandbox_subscription(Default::default(), \"x\").send().await.ok().map(api::runtime::ResponseValue::into_inner) }"),
        Row::new("success-status-changed", Major, Nothing, vec![rename(at(ORDERS, "post", "/responses/201"), "200")]),
        Row::new("response-schema", Major, Major, vec![set(
            at(ORDER, "get", "/responses/200/content/application~1json/schema"),
            reference("Cart"),
        )])
        .breaking("pub async fn user(client: &api::Client) -> Option<api::types::Order> { client.get_order(Default::default(), \"x\").send().await.ok().map(api::runtime::ResponseValue::into_inner) }"),
        Row::new("response-without-body", Major, Major, vec![remove(at(ACTIVATE, "post", "/responses/200/content"))])
            .breaking("pub async fn user(client: &api::Client) -> Option<api::types::SubscriptionActivationResult> { client.activate_sandbox_subscription(Default::default(), \"x\").send().await.ok().map(api::runtime::ResponseValue::into_inner) }"),
        Row::new("response-description", Patch, Nothing, vec![set(at(ORDER, "get", "/responses/200/description"), json!("An order."))]),
        Row::new("response-header-added", Minor, Nothing, vec![set(
            at(ORDER, "get", "/responses/200/headers/X-Moon"),
            described(json!({ "schema": { "type": "string" } })),
        )]),
        Row::new("response-header-removed", Major, Nothing, vec![remove(at(ORDER, "get", "/responses/200/headers/MS-CV"))]),
        Row::new("response-header-type", Major, Nothing, vec![set("/components/headers/ServerId/schema/type", json!("integer"))]),
        Row::new("response-example", Patch, Nothing, vec![remove(
            at(ORDER, "get", "/responses/200/content/application~1json/examples/legacy"),
        )]),
    ]
}
