//! Lowerings of responses.

use contract::operations::{each_operation, operation_id};
use contract::schema::resolve;
use serde_json::{Map, Value, json};

/// The status that says that the work isn't done yet.
const ACCEPTED: &str = "202";

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

/// Changes the responses of each operation. What `change` gets is the document as it was, and the responses; it returns the
/// statuses that it replaced, if any.
fn change_responses(
    document: &mut Value,
    change: impl Fn(&Value, &mut Map<String, Value>) -> Option<Vec<String>>,
) -> Vec<String> {
    let whole = document.clone();
    let mut changes = Vec::new();
    each_operation(document, |_, _, operation| {
        let id = operation_id(operation);
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
        if let Some(statuses) = responses.and_then(|responses| change(&whole, responses)) {
            changes.push(format!("{id}: {}", statuses.join(", ")));
        }
    });
    changes
}

/// Whether the lowered success of an operation can be 202 (Accepted), next to what it is otherwise.
pub(super) const MAY_BE_ACCEPTED: &str = "x-may-be-accepted";

/// Whether the body of the lowered success is missing from one of the statuses other than 202.
pub(super) const BODY_IS_OPTIONAL: &str = "x-body-is-optional";

/// Puts the success responses of each operation under `2XX`: the first one that has a body, else the first, with marks that
/// say which other forms there are.
///
/// That all bodies have one schema is a rule of lint.
pub(super) fn success_to_range(document: &mut Value) -> Vec<String> {
    change_responses(document, |whole, responses| {
        let successes: Vec<String> = responses.keys().filter(|status| is_success(status)).cloned().collect();
        if successes == ["2XX"] {
            return None;
        }
        let has_body = |status: &&String| resolve(whole, &responses[status.as_str()]).get("content").is_some();
        let chosen = successes.iter().find(has_body).or(successes.first())?;
        let mut response = resolve(whole, &responses[chosen]).clone();
        if let Some(response) = response.as_object_mut() {
            response.remove("headers");
            let is_json = response.get("content").is_none_or(|content| content.get("application/json").is_some());
            if is_json && successes.iter().any(|status| status == ACCEPTED) {
                response.insert(MAY_BE_ACCEPTED.to_owned(), Value::Bool(true));
            }
            let others = successes.iter().filter(|status| *status != ACCEPTED);
            if response.contains_key("content") && others.clone().any(|status| !has_body(&status)) {
                response.insert(BODY_IS_OPTIONAL.to_owned(), Value::Bool(true));
            }
        }
        for status in &successes {
            responses.remove(status);
        }
        responses.insert("2XX".to_owned(), response);
        Some(successes)
    })
}

/// Puts the error responses of each operation under `4XX` and `5XX`, both with the schema that all of them share.
pub(super) fn errors_to_ranges(document: &mut Value) -> Vec<String> {
    change_responses(document, |whole, responses| {
        let errors: Vec<String> = responses.keys().filter(|status| !is_success(status)).cloned().collect();
        let schema = errors.iter().find_map(|status| {
            resolve(whole, &responses[status.as_str()]).pointer("/content/application~1json/schema").cloned()
        })?;
        for status in &errors {
            responses.remove(status);
        }
        for range in ["4XX", "5XX"] {
            responses.insert(
                range.to_owned(),
                json!({ "description": "An error response.", "content": { "application/json": { "schema": schema } } }),
            );
        }
        Some(errors)
    })
}

/// Whether the lowered success of this operation has a mark.
pub(super) fn success_is(mark: &str, operation: &Map<String, Value>) -> bool {
    let success = operation.get("responses").and_then(|responses| responses.get("2XX"));
    success.and_then(|success| success.get(mark)) == Some(&Value::Bool(true))
}

/// Whether the response of this operation is a collection: a schema with `items` and `totalCount`.
pub(super) fn is_list(document: &Value, operation: &Map<String, Value>) -> bool {
    operation
        .get("responses")
        .and_then(|responses| responses.get("2XX"))
        .map(|response| resolve(document, response))
        .and_then(|response| response.pointer("/content/application~1json/schema"))
        .map(|schema| resolve(document, schema))
        .and_then(|schema| schema.get("properties"))
        .is_some_and(|properties| properties.get("items").is_some() && properties.get("totalCount").is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(schema: &str) -> Value {
        json!({ "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } } })
    }

    fn operation(responses: &Value) -> Value {
        json!({ "paths": { "/a": { "get": { "operationId": "read_a", "responses": responses } } } })
    }

    #[test]
    fn any_success_status_is_a_success() {
        let mut document = operation(&json!({ "200": body("Cart"), "201": body("Cart"), "404": body("Fault") }));
        assert_eq!(success_to_range(&mut document), ["read_a: 200, 201"]);
        let responses = &document["paths"]["/a"]["get"]["responses"];
        assert_eq!(responses["2XX"], body("Cart"));
        assert_eq!(responses.as_object().unwrap().len(), 2);
    }

    /// The lowered success of an operation with these responses.
    fn lowered(responses: &Value) -> Value {
        let mut document = operation(responses);
        success_to_range(&mut document);
        let responses = &document["paths"]["/a"]["get"]["responses"];
        assert_eq!(responses.as_object().unwrap().len(), 1, "{responses}");
        responses["2XX"].clone()
    }

    #[test]
    fn a_success_without_body_does_not_hide_the_one_with_a_body() {
        let nothing = json!({ "description": "nothing" });
        for responses in
            [json!({ "200": nothing, "201": body("Cart") }), json!({ "2XX": body("Cart"), "204": nothing })]
        {
            let success = lowered(&responses);
            assert_eq!(success["content"], body("Cart")["content"], "{responses}");
            assert_eq!(success[BODY_IS_OPTIONAL], true, "{responses}");
            assert_eq!(success.get(MAY_BE_ACCEPTED), None, "{responses}");
        }
    }

    #[test]
    fn a_202_is_another_form_and_does_not_make_the_body_of_others_optional() {
        let nothing = json!({ "description": "nothing" });
        for (responses, is_optional) in [
            (json!({ "200": body("Cart"), "202": nothing }), false),
            (json!({ "200": body("Cart"), "202": body("Cart") }), false),
            (json!({ "200": body("Cart"), "202": nothing, "204": nothing }), true),
            (json!({ "200": nothing, "202": body("Cart") }), true),
            (json!({ "200": nothing, "202": nothing }), false),
            (json!({ "202": nothing }), false),
        ] {
            let success = lowered(&responses);
            assert_eq!(success[MAY_BE_ACCEPTED], true, "{responses}");
            assert_eq!(success.get(BODY_IS_OPTIONAL).is_some(), is_optional, "{responses}");
        }
    }

    #[test]
    fn every_error_response_carries_the_fault_whatever_its_status() {
        let mut document = operation(&json!({
            "200": body("Cart"),
            "404": { "$ref": "#/components/responses/NotFound" },
            "429": body("Fault"),
        }));
        document["components"] = json!({ "responses": { "NotFound": body("Fault") } });
        assert_eq!(errors_to_ranges(&mut document), ["read_a: 404, 429"]);
        let responses = document["paths"]["/a"]["get"]["responses"].as_object().unwrap();
        assert_eq!(responses.keys().collect::<Vec<_>>(), ["200", "4XX", "5XX"]);
        for range in ["4XX", "5XX"] {
            assert_eq!(responses[range]["content"], body("Fault")["content"]);
        }
    }

    #[test]
    fn a_list_is_told_by_its_members() {
        let document = json!({ "components": { "schemas": {
            "Many": { "properties": { "items": {}, "totalCount": {} } },
            "One": { "properties": { "items": {} } },
        } } });
        let responds = |schema: &str| {
            let operation = json!({ "responses": { "2XX": body(schema) } });
            is_list(&document, operation.as_object().unwrap())
        };
        assert!(responds("Many"));
        assert!(!responds("One"));
    }
}
