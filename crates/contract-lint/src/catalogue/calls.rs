//! Paths, operations and parameters.

use crate::rule::{Section, rule};
use crate::{operations, parameters};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        title: "Paths and operations",
        rules: &[
            rule(
                "path-template",
                operations::path_template,
                "Paths begin with `/`, have matching braces, and differ in more than their parameters' names.",
                "A path without `/` is silently left out, doubled slashes are merged, and progenitor rejects unmatched braces.",
                "fix the path",
            ),
            rule(
                "missing-operation-id",
                operations::missing_operation_id,
                "Every operation has an `operationId`.",
                "It is the method's name; progenitor rejects a contract without it.",
                "give the operation an id such as `get_order`",
            ),
            rule(
                "duplicate-operation-id",
                operations::duplicate_operation_id,
                "No two operations have one id, nor ids that are one name in Rust.",
                "progenitor rejects the same id, and generates two methods of one name for `getOrder` and `get_order`, which don't compile.",
                "rename one of the two",
            ),
            rule(
                "reserved-operation-id",
                operations::reserved_operation_id,
                "No operation is called like a method that the generated client has already.",
                "The generated code doesn't compile, or calls the wrong one.",
                "choose another id",
            ),
            rule(
                "unsupported-method",
                operations::unsupported_method,
                "No operation uses OPTIONS or TRACE.",
                "The generated code calls methods that reqwest doesn't have, and doesn't compile.",
                "leave the operation out and write it by hand on the same transport",
            ),
            rule(
                "operation-servers",
                operations::operation_servers,
                "Servers are named for the whole contract only.",
                "The generated client has one base address; others are silently ignored.",
                "put the address under the contract's own `servers`",
            ),
            rule(
                "foreign-extension",
                operations::foreign_extension,
                "Extensions that progenitor reads for other projects are not used.",
                "They change the generated code: other methods, other dependencies, types of other crates.",
                "remove it",
            ),
            rule(
                "deprecated-ignored",
                operations::deprecated,
                "Nothing is marked as deprecated only in the contract.",
                "Neither methods nor members are marked in the generated code, so callers see no warning.",
                "write it in the description too; it becomes the documentation",
            )
            .warning(),
        ],
    },
    Section {
        title: "Parameters",
        rules: &[
            rule(
                "undeclared-path-parameter",
                parameters::undeclared_path_parameter,
                "Every name in a path template is a path parameter of each operation.",
                "progenitor panics (`missing path name mapping`).",
                "declare it with `in: path` and `required: true`, or fix the name",
            ),
            rule(
                "unused-path-parameter",
                parameters::unused_path_parameter,
                "Every path parameter is part of the path template.",
                "progenitor panics (`missing from path`) where there are several, and else generates mocks that don't compile.",
                "put it in the path, or take the parameter out",
            ),
            rule(
                "path-parameter-required",
                parameters::path_parameter_required,
                "Every path parameter is required.",
                "progenitor panics.",
                "write `required: true`",
            ),
            rule(
                "duplicate-parameter",
                parameters::duplicate_parameter,
                "The parameters of an operation differ in name, wherever they are sent, and in Rust too.",
                "progenitor keeps one parameter per name: a header that is called like a query parameter is silently dropped. `fooBar` together with `foo_bar` doesn't compile.",
                "rename one of the two, or remove it",
            ),
            rule(
                "reserved-parameter",
                parameters::reserved_parameter,
                "No parameter is called like a method that every builder has.",
                "The generated code doesn't compile.",
                "leave the operation out and write it by hand on the same transport",
            ),
            rule(
                "parameter-style",
                parameters::parameter_style,
                "Parameters have the default style of their `in`.",
                "progenitor rejects every other style, and the model knows no other for headers.",
                "take `style` out",
            ),
            rule(
                "parameter-content",
                parameters::parameter_content,
                "Parameters are described by `schema`.",
                "progenitor rejects `content`.",
                "write `schema`; a value that is JSON itself is a string to the generator",
            ),
            rule(
                "cookie-parameter",
                parameters::cookie_parameter,
                "No parameter travels as a cookie.",
                "progenitor rejects it.",
                "leave it out, and let the transport set the cookie",
            ),
            rule(
                "array-parameter",
                parameters::array_parameter,
                "No parameter is an array.",
                "In a path or header the generated code doesn't compile, and in a query the generated mocks don't.",
                "take a string, and explain in the description how values are separated",
            ),
            rule(
                "object-parameter",
                parameters::object_parameter,
                "No parameter is an object.",
                "progenitor panics, or the generated code doesn't compile.",
                "declare its members as parameters of their own",
            ),
            rule(
                "union-parameter",
                parameters::union_parameter,
                "No parameter is a union of an array or an object and something else.",
                "It has no text to be sent as; the generated code doesn't compile.",
                "take a string",
            ),
            rule(
                "nullable-parameter",
                parameters::nullable_parameter,
                "No parameter may be null.",
                "A path or header parameter doesn't compile, and a required query parameter silently becomes optional.",
                "take `nullable` out; an optional parameter is one without `required`",
            ),
            rule(
                "parameter-encoding",
                parameters::parameter_encoding,
                "`explode: false`, `allowReserved: true` and `allowEmptyValue: true` are not used.",
                "They are silently ignored: arrays are repeated, and everything is percent-encoded.",
                "remove it, and give a string that is already in the right form",
            ),
            rule(
                "header-name",
                parameters::header_name,
                "Header parameters have names of HTTP, and none that follow from the rest of the contract.",
                "A name that isn't one panics when a request is made. `Accept`, `Content-Type` and `Authorization` are sent twice.",
                "choose another name",
            ),
        ],
    },
];
