//! Operations, parameters, bodies and responses.

use super::Shows::{Code, Ignores, NoCode, Panics, Rejects, Twice};
use super::{check, with_body, with_parameter, with_paths, with_responses};

#[test]
fn operations() {
    let two = |first: &str, second: &str| {
        let operation = |id: &str| format!("{{operationId: {id}, responses: {{'200': {{description: Yes.}}}}}}");
        with_paths(&format!("{{/a: {{get: {}, put: {}}}}}", operation(first), operation(second)), "")
    };
    let one = |path: &str, method: &str, rest: &str| {
        with_paths(&format!("{{'{path}': {{{method}: {{{rest} responses: {{'200': {{description: Yes.}}}}}}}}}}"), "")
    };
    for (rule, contract, shows) in [
        ("path-template", one("/a/{b", "get", "operationId: op,"), Rejects("unterminated parameter")),
        ("path-template", one("a", "get", "operationId: op,"), NoCode("struct Op")),
        ("path-template", one("/a//b", "get", "operationId: op,"), Code("{}/a/b")),
        ("missing-operation-id", one("/a", "get", ""), Rejects("missing operation ID")),
        ("duplicate-operation-id", two("same", "same"), Rejects("duplicate operation ID")),
        ("duplicate-operation-id", two("getOrder", "get_order"), Twice("get_order")),
        ("duplicate-operation-id", two("get_order1", "get_order_1"), Twice("GetOrder1")),
        ("reserved-operation-id", one("/a", "get", "operationId: new,"), Twice("new")),
        ("reserved-operation-id", one("/a", "get", "operationId: error,"), Code("pub struct Error<'a>")),
        ("unsupported-method", one("/a", "options", "operationId: op,"), Code(".options(url)")),
        (
            "operation-servers",
            one("/a", "get", "operationId: op, servers: [{url: https://old.example.com}],"),
            Ignores(" servers: [{url: https://old.example.com}],"),
        ),
        ("foreign-extension", one("/a", "get", "operationId: op, x-dropshot-websocket: {},"), Rejects("dropshot")),
        ("deprecated-ignored", one("/a", "get", "operationId: op, deprecated: true,"), Ignores(" deprecated: true,")),
    ] {
        check(rule, &contract, &shows);
    }
}

#[test]
fn parameters() {
    let in_path = |path: &str, parameters: &str| {
        let responses = "responses: {'200': {description: Yes.}}";
        with_paths(&format!("{{'{path}': {{get: {{operationId: op, parameters: [{parameters}], {responses}}}}}}}"), "")
    };
    for (rule, contract, shows) in [
        ("undeclared-path-parameter", in_path("/a/{x}", ""), Panics("missing path name mapping")),
        (
            "unused-path-parameter",
            in_path(
                "/a/{y}",
                "{name: x, in: path, required: true, schema: {type: string}}, {name: y, in: path, required: true, schema: {type: string}}",
            ),
            Panics("x missing from path"),
        ),
        (
            "path-parameter-required",
            in_path("/a/{x}", "{name: x, in: path, schema: {type: string}}"),
            Panics("parameter_data.required"),
        ),
        (
            "duplicate-parameter",
            with_parameter(
                "{name: fooBar, in: query, schema: {type: string}}, {name: foo_bar, in: query, schema: {type: string}}",
            ),
            Twice("foo_bar"),
        ),
        (
            "duplicate-parameter",
            with_parameter(
                "{name: x, in: query, schema: {type: string}}, {name: x, in: header, schema: {type: string}}",
            ),
            Ignores("{name: x, in: query, schema: {type: string}}, "),
        ),
        ("reserved-parameter", with_parameter("{name: send, in: query, schema: {type: string}}"), Twice("send")),
        (
            "parameter-style",
            with_parameter("{name: x, in: query, style: deepObject, schema: {type: object}}"),
            Rejects("unsupported style"),
        ),
        (
            "parameter-style",
            with_parameter("{name: x, in: header, style: form, schema: {type: string}}"),
            Rejects("unknown variant `form`"),
        ),
        (
            "parameter-content",
            with_parameter("{name: x, in: query, content: {application/json: {schema: {type: string}}}}"),
            Rejects("unexpected content"),
        ),
        (
            "cookie-parameter",
            with_parameter("{name: x, in: cookie, schema: {type: string}}"),
            Rejects("cookie parameters are not supported"),
        ),
        (
            // A `Vec` has no `to_string`.
            "array-parameter",
            in_path("/a/{x}", "{name: x, in: path, required: true, schema: {type: array, items: {type: string}}}"),
            Code("encode_path(&x.to_string())"),
        ),
        (
            "object-parameter",
            with_parameter("{name: x, in: query, schema: {type: object, properties: {a: {type: string}}}}"),
            Panics("unreachable"),
        ),
        (
            // The parameter is required, and the builder starts without it.
            "nullable-parameter",
            with_parameter("{name: x, in: query, required: true, schema: {type: string, nullable: true}}"),
            Code("x: Ok(None)"),
        ),
        (
            "parameter-encoding",
            with_parameter("{name: x, in: query, allowReserved: true, schema: {type: string}}"),
            Ignores(" allowReserved: true,"),
        ),
        (
            "parameter-encoding",
            with_parameter("{name: x, in: query, explode: false, schema: {type: array, items: {type: string}}}"),
            Ignores(" explode: false,"),
        ),
        (
            // `append` panics at run time on an invalid name.
            "header-name",
            with_parameter("{name: Request Id, in: header, schema: {type: string}}"),
            Code("header_map.append(\"Request Id\""),
        ),
    ] {
        check(rule, &contract, &shows);
    }
}

#[test]
fn bodies() {
    for (rule, contract, shows) in [
        (
            "optional-body",
            with_body("required: false, content: {application/json: {schema: {type: string}}}"),
            Ignores("required: false, "),
        ),
        (
            "body-media-type",
            with_body("required: true, content: {application/merge-patch+json: {schema: {type: string}}}"),
            Rejects("unexpected content type"),
        ),
        (
            "several-body-media-types",
            with_body(
                "required: true, content: {application/json: {schema: {}}, text/plain: {schema: {type: string}}}",
            ),
            Panics("more media types than expected"),
        ),
        (
            "several-body-media-types",
            with_body("required: true, content: {}"),
            Ignores(" requestBody: {required: true, content: {}},"),
        ),
        (
            "body-without-schema",
            with_body("required: true, content: {application/json: {}}"),
            Rejects("No schema specified for request body"),
        ),
        (
            "raw-body-schema",
            with_body("required: true, content: {application/octet-stream: {schema: {type: string}}}"),
            Rejects("invalid schema for application/octet-stream"),
        ),
        (
            "raw-body-schema",
            with_body("required: true, content: {text/plain: {schema: {type: string, maxLength: 3}}}"),
            Rejects("invalid schema for text/plain"),
        ),
        (
            "body-encoding",
            with_body(
                "required: true, content: {application/json: {schema: {}, encoding: {a: {contentType: text/plain}}}}",
            ),
            Panics("media type encoding not empty"),
        ),
        (
            // The form's writer rejects a list when the request is made.
            "form-body",
            with_body(
                "required: true, content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {a: {type: array, items: {type: string}}}}}}",
            ),
            Code("pub a: ::std::vec::Vec<::std::string::String>"),
        ),
        (
            "body-on-read",
            with_paths(
                "{/a: {get: {operationId: op, requestBody: {required: true, content: {application/json: {schema: {type: string}}}}, responses: {'200': {description: Yes.}}}}}",
                "",
            ),
            Code(".get(url).json(&body)"),
        ),
    ] {
        check(rule, &contract, &shows);
    }
}

#[test]
fn responses() {
    let json =
        |schema: &str| format!("{{description: Yes., content: {{application/json: {{schema: {{type: {schema}}}}}}}}}");
    let (number, text) = (json("integer"), json("string"));
    let bytes = "{description: Yes., content: {application/octet-stream: {schema: {type: string, format: binary}}}}";
    for (rule, contract, shows) in [
        (
            "default-response",
            with_responses(&format!("'200': {number}, default: {text}")),
            Panics("response_types.len() <= 1"),
        ),
        (
            "status-code",
            with_responses("'200': {description: Yes.}, oops: {description: No.}"),
            Ignores(", oops: {description: No.}"),
        ),
        (
            "status-code",
            with_responses("'200': {description: Yes.}, '20': {description: No.}"),
            Ignores(", '20': {description: No.}"),
        ),
        ("no-success-response", with_responses("'404': {description: No.}"), Code("ResponseValue<ByteStream>")),
        (
            "ignored-response",
            with_responses("'200': {description: Yes.}, '304': {description: Same.}"),
            Ignores(", '304': {description: Same.}"),
        ),
        (
            "success-conflict",
            with_responses(&format!("'200': {bytes}, '204': {{description: Nothing.}}")),
            Panics("response_types.len() <= 1"),
        ),
        (
            "success-conflict",
            with_responses(&format!("'200': {number}, '202': {text}")),
            Panics("response_types.len() <= 1"),
        ),
        (
            "error-conflict",
            with_responses(&format!("'200': {{description: Yes.}}, '400': {number}, '404': {text}")),
            Panics("response_types.len() <= 1"),
        ),
        (
            "response-media-type",
            with_responses("'200': {description: Yes., content: {application/problem+json: {schema: {type: string}}}}"),
            Code("ResponseValue<ByteStream>"),
        ),
        (
            "several-response-media-types",
            with_responses(
                "'200': {description: Yes., content: {application/json: {schema: {type: string}}, text/plain: {schema: {type: string}}}}",
            ),
            Ignores(", text/plain: {schema: {type: string}}"),
        ),
        (
            "json-without-schema",
            with_responses("'200': {description: Yes., content: {application/json: {}}}"),
            Panics("no schema"),
        ),
    ] {
        check(rule, &contract, &shows);
    }
}
