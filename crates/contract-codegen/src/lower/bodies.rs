//! Lowerings of request bodies.

use contract::operations::{each_operation, is_method, operation_id};
use serde_json::Value;

/// Takes out the operations whose request body is multipart.
pub(super) fn leave_multipart_out(document: &mut Value) -> Vec<String> {
    let mut left_out = Vec::new();
    each_operation(document, |path, method, operation| {
        let multipart = operation
            .get("requestBody")
            .and_then(|body| body.get("content"))
            .and_then(Value::as_object)
            .is_some_and(|content| content.contains_key("multipart/form-data"));
        if multipart {
            left_out.push((path.to_owned(), method.to_owned(), operation_id(operation)));
        }
    });
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else {
        return Vec::new();
    };
    for (path, method, _) in &left_out {
        if let Some(item) = paths.get_mut(path).and_then(Value::as_object_mut) {
            item.remove(method);
            if !item.keys().any(|key| is_method(key)) {
                paths.remove(path);
            }
        }
    }
    left_out.into_iter().map(|(_, _, id)| id).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_multipart_operation_is_taken_out() {
        let mut document = json!({ "paths": { "/a": {
            "get": { "operationId": "read_a", "responses": {} },
            "post": { "operationId": "upload_a", "requestBody": { "content": { "multipart/form-data": {} } } },
        } } });
        assert_eq!(leave_multipart_out(&mut document), ["upload_a"]);
        assert_eq!(document, json!({ "paths": { "/a": { "get": { "operationId": "read_a", "responses": {} } } } }));
    }

    #[test]
    fn a_path_that_held_nothing_else_goes_with_it() {
        let mut document = json!({ "paths": { "/a": {
            "parameters": [],
            "post": { "operationId": "upload_a", "requestBody": { "content": { "multipart/form-data": {} } } },
        } } });
        leave_multipart_out(&mut document);
        assert_eq!(document, json!({ "paths": {} }));
    }
}
