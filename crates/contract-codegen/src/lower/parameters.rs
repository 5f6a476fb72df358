//! Lowerings of parameters.

use contract::operations::each_parameter_list;
use contract::schema::resolve;
use contract::transport_headers::is_transport_header;
use serde_json::Value;

/// Drops the header parameters that the transport owns, wherever they are declared.
pub(super) fn drop_transport_headers(document: &mut Value) -> Vec<String> {
    let whole = document.clone();
    let owned = |parameter: &Value| {
        let parameter = resolve(&whole, parameter);
        parameter.get("in").and_then(Value::as_str) == Some("header")
            && parameter.get("name").and_then(Value::as_str).is_some_and(is_transport_header)
    };
    let mut changes = Vec::new();
    each_parameter_list(document, |position, parameters| {
        let before = parameters.len();
        parameters.retain(|parameter| !owned(parameter));
        if parameters.len() != before {
            changes.push(position.to_owned());
        }
    });
    changes
}

/// Drops the defaults of parameters; they stay in the documentation.
pub(super) fn drop_parameter_defaults(document: &mut Value) -> Vec<String> {
    fn drop_default(parameter: &mut Value, position: &str, changes: &mut Vec<String>) {
        let name = parameter.get("name").and_then(Value::as_str).unwrap_or("?").to_owned();
        if let Some(schema) = parameter.get_mut("schema").and_then(Value::as_object_mut)
            && schema.remove("default").is_some()
        {
            changes.push(format!("{position}: {name}"));
        }
    }
    let mut changes = Vec::new();
    if let Some(shared) = document.pointer_mut("/components/parameters").and_then(Value::as_object_mut) {
        for (key, parameter) in shared {
            drop_default(parameter, key, &mut changes);
        }
    }
    each_parameter_list(document, |position, parameters| {
        for parameter in parameters {
            drop_default(parameter, position, &mut changes);
        }
    });
    changes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_transports_headers_go_and_the_callers_stay() {
        let mut document = json!({
            "paths": { "/a": {
                "parameters": [{ "$ref": "#/components/parameters/RequestId" }],
                "get": { "operationId": "read_a", "parameters": [
                    { "name": "x-locale", "in": "header" },
                    { "name": "If-Match", "in": "header" },
                    { "name": "x-locale", "in": "query" },
                ] },
            } },
            "components": { "parameters": { "RequestId": { "name": "MS-RequestId", "in": "header" } } },
        });
        assert_eq!(drop_transport_headers(&mut document), ["/a", "read_a"]);
        assert_eq!(document["paths"]["/a"]["parameters"], json!([]));
        assert_eq!(
            document["paths"]["/a"]["get"]["parameters"],
            json!([{ "name": "If-Match", "in": "header" }, { "name": "x-locale", "in": "query" }])
        );
    }

    #[test]
    fn a_default_is_never_sent_in_the_callers_name() {
        let mut document = json!({
            "paths": { "/a": {
                "parameters": [{ "name": "size", "in": "query", "schema": { "type": "integer", "default": 9 } }],
                "get": { "operationId": "read_a", "parameters": [
                    { "name": "page", "in": "query", "schema": { "type": "integer", "default": 1 } },
                ] },
            } },
        });
        assert_eq!(drop_parameter_defaults(&mut document), ["/a: size", "read_a: page"]);
        assert_eq!(document["paths"]["/a"]["parameters"][0]["schema"], json!({ "type": "integer" }));
        assert_eq!(document["paths"]["/a"]["get"]["parameters"][0]["schema"], json!({ "type": "integer" }));
    }
}
