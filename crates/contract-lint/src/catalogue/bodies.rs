//! Request bodies and responses.

use crate::rule::{Section, rule};
use crate::{bodies, responses};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        title: "Request bodies",
        rules: &[
            rule(
                "optional-body",
                bodies::optional_body,
                "Every request body is required.",
                "The generated code always sends one; `required: false`, which is the default, is silently ignored.",
                "write `required: true`",
            ),
            rule(
                "body-media-type",
                bodies::body_media_type,
                "Request bodies are JSON, a form, bytes or plain text; multipart operations are written by hand.",
                "progenitor rejects every other media type.",
                "use one of `application/json`, `application/x-www-form-urlencoded`, `application/octet-stream`, `text/plain`, or write the operation by hand",
            ),
            rule(
                "several-body-media-types",
                bodies::several_body_media_types,
                "A request body has exactly one media type.",
                "progenitor panics on two (`more media types than expected`), and silently leaves the body out where there is none.",
                "keep the one that callers should use",
            ),
            rule(
                "body-without-schema",
                bodies::body_without_schema,
                "A request body has a schema.",
                "progenitor rejects it.",
                "give it a schema; `{}` if it may be anything",
            ),
            rule(
                "raw-body-schema",
                bodies::raw_body_schema,
                "A body of bytes or text has the plain schema of one.",
                "progenitor rejects every other.",
                "write the plain schema",
            ),
            rule(
                "body-encoding",
                bodies::body_encoding,
                "`encoding` is for multipart bodies only.",
                "progenitor panics.",
                "remove it",
            ),
            rule(
                "nullable-body",
                bodies::nullable_body,
                "No request body may be null.",
                "The generated mocks don't compile.",
                "take `nullable` out, or wrap the schema where null is wanted",
            ),
            rule(
                "form-body",
                bodies::form_body,
                "A form holds plain values only.",
                "It compiles, and every request fails while its body is written.",
                "send JSON, or declare the members as plain values",
            ),
            rule(
                "body-on-read",
                bodies::body_on_read,
                "GET, HEAD and DELETE have no body.",
                "OpenAPI 3.0 has it ignored, and the generated code sends it.",
                "make the body's members query parameters",
            ),
        ],
    },
    Section {
        title: "Responses",
        rules: &[
            rule(
                "default-response",
                responses::default_response,
                "No operation has a `default` response.",
                "progenitor takes it for both a success and an error, and panics where the two differ.",
                "list the statuses that mean success, and `4XX` and `5XX` for error responses",
            ),
            rule(
                "status-code",
                responses::status_code,
                "Responses are listed under a status, `404`, or a class of them, `4XX`.",
                "Any other key is silently left out, or makes progenitor panic.",
                "write three digits, or one digit and `XX`",
            ),
            rule(
                "no-success-response",
                responses::no_success_response,
                "Every operation names a status that means success.",
                "progenitor makes one up: any 2xx, with bytes as its body.",
                "name the status, with its body",
            ),
            rule(
                "ignored-response",
                responses::ignored_response,
                "No operation names a status of 1xx or 3xx.",
                "It is silently ignored: callers receive an unexpected response.",
                "remove it, and explain in the description what it means",
            ),
            rule(
                "success-conflict",
                responses::success_conflict,
                "All successes of an operation that have a body have the same one; next to JSON there may be successes without a body.",
                "progenitor panics on two success types (`response_types.len() <= 1`); the generator makes one type of a JSON body and no body, and of any other pair it can't.",
                "give both the same schema, or leave one of them out",
            ),
            rule(
                "error-conflict",
                responses::error_conflict,
                "All error responses of an operation have one JSON schema.",
                "progenitor takes one error type per operation; the generator puts all error responses under `4XX` and `5XX` with the first schema.",
                "make one schema that covers every error response",
            ),
            rule(
                "response-media-type",
                responses::response_media_type,
                "Responses are `application/json` or `application/octet-stream`.",
                "Everything else silently becomes a stream of bytes, `application/problem+json` too.",
                "name one of the two",
            ),
            rule(
                "several-response-media-types",
                responses::several_response_media_types,
                "A response has one media type.",
                "Only the JSON one is read; the others are silently dropped.",
                "keep the one that callers should get",
            ),
            rule(
                "json-without-schema",
                responses::json_without_schema,
                "A JSON response has a schema.",
                "progenitor panics.",
                "give it a schema; `{}` if it may be anything",
            ),
        ],
    },
];
