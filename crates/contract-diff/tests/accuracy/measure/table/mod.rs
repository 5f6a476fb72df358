//! The table: single edits of the contract, the verdicts of `diff` on each, and users whose code an edit breaks.

mod calls;
mod types;

use contract::edit::Edit;
use contract::pointer::escaped;
use contract_diff::Verdict::{self, Patch};
use serde_json::{Value, json};

/// One edit of the contract.
pub(crate) struct Row {
    /// Its name, by which it can be asked for.
    pub(crate) name: &'static str,
    /// What is done to the contract before, where it lacks what is to be edited.
    pub(crate) setup: Vec<Edit>,
    /// The edit.
    pub(crate) edits: Vec<Edit>,
    /// An edit of the table of error codes: this text becomes that one.
    pub(crate) codes: Option<(&'static str, &'static str)>,
    /// The verdict of `diff` on the wire.
    pub(crate) wire: Verdict,
    /// The verdict of `diff` on the Rust API. The measurement must agree.
    pub(crate) rust: Verdict,
    /// For an edit that breaks users: code that compiles before it and not after it.
    pub(crate) user: Option<&'static str>,
    /// Whether it is one of those that every change is measured by.
    pub(crate) sample: bool,
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
        "description": "Its relationship to the customer.",
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
pub(crate) fn rows() -> Vec<Row> {
    let mut rows = calls::operations();
    rows.extend(calls::parameters());
    rows.extend(calls::bodies());
    rows.extend(types::members());
    rows.extend(types::values());
    rows.extend(types::schemas());
    rows.extend(types::enums());
    rows.extend(types::the_rest());
    rows
}
