//! Schemas and operations by name, by method and path, by status.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use partner_center_orders_schema::{Operation, Schema};

#[test]
fn a_schema_is_found_by_name_and_by_title() {
    assert_eq!(Schema::named("OrderCollection").unwrap(), Schema::ORDER_COLLECTION);
    assert_eq!(Schema::named("ResourceCollection<Order>").unwrap(), Schema::ORDER_COLLECTION);
    assert_eq!(Schema::named("ApiFault").unwrap(), Schema::FAULT);
    assert_eq!(Schema::named("OAuth token").unwrap(), Schema::OAUTH_TOKEN);
    for schema in Schema::all() {
        assert_eq!(Schema::named(schema.name()).unwrap(), schema);
        assert!(!schema.description().is_empty(), "{schema} has no description");
    }
}

#[test]
fn an_unknown_name_has_a_suggestion() {
    let error = Schema::named("order").unwrap_err();
    assert_eq!(error.to_string(), "the contract has no schema `order`; did you mean `Order`?");
    assert_eq!(Schema::named("Quux").unwrap_err().to_string(), "the contract has no schema `Quux`");
    let error = Operation::named("getOrder").unwrap_err();
    assert_eq!(error.to_string(), "the contract has no operation `getOrder`; did you mean `get_order`?");
}

#[test]
fn an_operation_is_found_by_method_and_path() {
    for (method, path, id) in [
        ("GET", "/customers/1/orders", Some("list_orders")),
        (
            "get",
            "https://api.partnercenter.microsoft.com/v1/customers/1/orders?billingType=monthly",
            Some("list_orders"),
        ),
        ("GET", "/v1/customers/1/orders/2/lineItems/0/activationLinks", Some("list_line_item_activation_links")),
        ("PUT", "/v1/customers/1/carts/2/", Some("update_cart")),
        ("GET", "/v1/customers/1/subscriptions?order_id=2", Some("list_subscriptions_by_order")),
        ("DELETE", "/v1/customers/1/orders/2", None),
        ("GET", "/v1/customers/1/orders/2/3", None),
        ("GET", "/v1/customers/1", None),
        ("GET", "https://api.partnercenter.microsoft.com", None),
        ("GET", "", None),
    ] {
        assert_eq!(Operation::matching(method, path).map(Operation::id), id, "{method} {path}");
    }
    for operation in Operation::all() {
        let found = Operation::matching(operation.method(), operation.path());
        assert_eq!(found.map(Operation::id), Some(operation.id()));
    }
}

#[test]
fn bodies_have_schemas_by_direction_and_status() {
    let update = Operation::named("update_order").unwrap();
    assert_eq!(update.request(), Some(Schema::ORDER_PATCH));
    assert_eq!((update.response(200), update.success()), (Some(Schema::ORDER), Some(Schema::ORDER)));
    assert_eq!(update.response(409), Some(Schema::FAULT));
    assert!(!update.responds_with(418));
    assert_eq!(update.response(418), None);
    let download = Operation::named("download_order_attachment").unwrap();
    assert!(download.streams() && download.responds_with(200));
    assert_eq!(download.success(), None);
}
