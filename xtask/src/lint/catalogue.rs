//! The catalogue: every rule with its words.

use super::{
    Context, Findings, Rule, bodies, conventions, document, enums, forms, members, naming, operations, parameters,
    references, responses, schemas, unions, validator,
};
use crate::diagnostic::Severity;
use crate::load;

/// A rule that holds for every contract.
const fn rule(
    name: &'static str,
    check: fn(&Context<'_>, &mut Findings<'_>),
    summary: &'static str,
    why: &'static str,
    remedy: &'static str,
) -> Rule {
    Rule { name, summary, why, remedy, severity: Severity::Error, convention: false, check }
}

impl Rule {
    /// The same rule, whose findings don't stop the generator.
    const fn warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// The same rule, for this project's own contract only.
    const fn convention(self) -> Self {
        Self { convention: true, ..self }
    }
}

/// Every rule.
pub const RULES: &[Rule] = &[
    // The text.
    rule(
        load::SYNTAX,
        document::judged_while_reading,
        "The file is UTF-8 and YAML.",
        "Nothing can be read from it otherwise.",
        "mend the text at this place, or just before it",
    ),
    rule(
        load::SUBSET,
        document::judged_while_reading,
        "The YAML says no more than JSON can: one document, text as keys, no tags, no merge keys, finite numbers, and aliases and nesting within bounds.",
        "Tools disagree on everything beyond, so that each would read another contract.",
        "write it in plain YAML",
    ),
    rule(
        load::DUPLICATE_KEY,
        document::judged_while_reading,
        "No key stands twice in one object.",
        "One of the two is lost in silence, and which one depends on the tool.",
        "keep one of the two",
    ),
    // The outer form.
    rule(
        "openapi-version",
        document::openapi_version,
        "The contract is OpenAPI 3.0.",
        "progenitor rejects every other version, and the model that it reads into can't hold a contract of 3.1.",
        "write `openapi: 3.0.3`",
    ),
    rule(
        "version-characters",
        document::version_characters,
        "The contract's version is printable ASCII without spaces.",
        "It is sent in a header by what is generated; another one panics when a request is made.",
        "write something like `1.2.0`",
    ),
    rule(
        "missing-key",
        document::missing_key,
        "Every object has the keys that the specification requires.",
        "The model can't be read; its own error has no place.",
        "add the key",
    ),
    rule(
        "unknown-key",
        document::unknown_key,
        "Every key is one that the specification knows, or begins with `x-`.",
        "A misspelt key is skipped in silence: with `requred` nothing is required any more.",
        "take it out, or begin it with `x-`",
    ),
    rule(
        "wrong-kind",
        document::wrong_kind,
        "Every value is of the JSON kind that its key takes.",
        "The model can't be read; its own error has no place.",
        "write it as the specification has it",
    ),
    rule(
        "unknown-word",
        document::unknown_word,
        "`in`, `style` and the type of a security scheme are words of the specification.",
        "The model can't be read; its own error has no place.",
        "write one of the words that the specification knows",
    ),
    rule(
        "schema-type",
        document::schema_type,
        "`type` is one of the six types of OpenAPI 3.0.",
        "progenitor panics on an unknown type, and the model can't hold a list of types.",
        "write one type",
    ),
    rule(
        document::MODEL,
        document::judged_while_reading,
        "The document fits the model of OpenAPI that the generator reads into.",
        "Nothing can be generated otherwise. Mostly another rule says it first, with a better place.",
        "compare it with the specification of OpenAPI 3.0.3",
    ),
    // References.
    rule(
        "dangling-reference",
        references::dangling_reference,
        "Every `$ref` leads to something.",
        "progenitor panics (`key … is missing`) or fails without naming the place.",
        "define what it names, or mend the name",
    ),
    rule(
        "external-reference",
        references::external_reference,
        "Every `$ref` stays in the file.",
        "progenitor panics: external references are not supported.",
        "copy the target under `components` and refer to it there",
    ),
    rule(
        "path-item-reference",
        references::path_item_reference,
        "No path item stands behind a `$ref`.",
        "progenitor rejects it.",
        "write the path item out",
    ),
    rule(
        "reference-target",
        references::reference_target,
        "Every `$ref` leads to a component of the kind that is wanted.",
        "progenitor looks only at the last part of the name and at the section that it expects: it panics, or takes another thing of that name in silence.",
        "name the target under `components` and refer to it there",
    ),
    rule(
        "reference-cycle",
        references::reference_cycle,
        "No chain of `$ref` leads back to itself.",
        "There is nothing at its end, and progenitor follows it until the stack is used up.",
        "let one of them be a definition",
    ),
    rule(
        "reference-siblings",
        references::reference_siblings,
        "Nothing stands beside `$ref`.",
        "OpenAPI 3.0 ignores it, and so does the generator: a `nullable: true` there has no effect.",
        "wrap the reference, `allOf: [{$ref: …}]`, and put the others beside `allOf`",
    ),
    // Paths and operations.
    rule(
        "path-template",
        operations::path_template,
        "Paths begin with `/`, have matching braces, and differ in more than their parameters' names.",
        "A path without `/` is left out in silence, doubled slashes are merged, and progenitor rejects unmatched braces.",
        "mend the path",
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
        "leave the operation out and write it by hand on the same seam",
    ),
    rule(
        "operation-servers",
        operations::operation_servers,
        "Servers are named for the whole contract only.",
        "The generated client has one base address; others are ignored in silence.",
        "put the address under the contract's own `servers`",
    ),
    rule(
        "unknown-security-scheme",
        operations::unknown_security_scheme,
        "Every security requirement names a security scheme of the contract.",
        "A misspelt one asks for a sign-in that nobody can describe.",
        "define it under `components/securitySchemes`, or mend the name",
    ),
    rule(
        "foreign-extension",
        operations::foreign_extension,
        "Extensions that progenitor reads for other projects are not used.",
        "They change the generated code: other methods, other dependencies, types of other crates.",
        "take it out",
    ),
    rule(
        "deprecated-ignored",
        operations::deprecated,
        "Nothing is marked as deprecated only in the contract.",
        "Neither methods nor members are marked in the generated code, so that callers aren't told.",
        "say so in the description too; it becomes the documentation",
    )
    .warning(),
    // Parameters.
    rule(
        "undeclared-path-parameter",
        parameters::undeclared_path_parameter,
        "Every name in a path template is a path parameter of each operation.",
        "progenitor panics (`missing path name mapping`).",
        "declare it with `in: path` and `required: true`, or mend the name",
    ),
    rule(
        "unused-path-parameter",
        parameters::unused_path_parameter,
        "Every path parameter stands in the path template.",
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
        "The parameters of an operation differ in name, whatever their place, and in Rust too.",
        "progenitor keeps one parameter per name: a header that is called like a query parameter is dropped in silence. `fooBar` beside `foo_bar` doesn't compile.",
        "rename one of the two, or take it out",
    ),
    rule(
        "reserved-parameter",
        parameters::reserved_parameter,
        "No parameter is called like a method that every builder has.",
        "The generated code doesn't compile.",
        "leave the operation out and write it by hand on the same seam",
    ),
    rule(
        "parameter-style",
        parameters::parameter_style,
        "Parameters have the style that their place has by default.",
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
        "take a string, and say in the description how values are separated",
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
        "No parameter may be an array or an object beside something else.",
        "It has no text to be sent as; the generated code doesn't compile.",
        "take a string",
    ),
    rule(
        "nullable-parameter",
        parameters::nullable_parameter,
        "No parameter may be null.",
        "A path or header parameter doesn't compile, and a required query parameter becomes optional in silence.",
        "take `nullable` out; an optional parameter is one without `required`",
    ),
    rule(
        "parameter-encoding",
        parameters::parameter_encoding,
        "`explode: false`, `allowReserved: true` and `allowEmptyValue: true` are not used.",
        "They are ignored in silence: arrays are repeated, and everything is percent-encoded.",
        "take it out, and give a string that is already in the right form",
    ),
    rule(
        "header-name",
        parameters::header_name,
        "Header parameters have names of HTTP, and none that follow from the rest of the contract.",
        "A name that isn't one panics when a request is made. `Accept`, `Content-Type` and `Authorization` are sent twice.",
        "choose another name",
    ),
    // Request bodies.
    rule(
        "optional-body",
        bodies::optional_body,
        "Every request body is required.",
        "The generated code always sends one; `required: false`, which is the default, is ignored in silence.",
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
        "progenitor panics on two (`more media types than expected`), and leaves the body out in silence where there is none.",
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
        "`encoding` stands in multipart bodies only.",
        "progenitor panics.",
        "take it out",
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
    // Responses.
    rule(
        "default-response",
        responses::default_response,
        "No operation has a `default` response.",
        "progenitor takes it for a success and an error at once, and panics where the two differ.",
        "name the statuses that mean success, and `4XX` and `5XX` for refusals",
    ),
    rule(
        "status-code",
        responses::status_code,
        "Responses stand under a status, `404`, or a class of them, `4XX`.",
        "Any other key is left out in silence, or makes progenitor panic.",
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
        "It is ignored in silence: the answer comes as an unexpected one.",
        "take it out, and say in the description what it means",
    ),
    rule(
        "success-conflict",
        responses::success_conflict,
        "All successes of an operation have one body: the same schema, or none.",
        "progenitor panics on two success types (`response_types.len() <= 1`).",
        "give both the same schema, or leave one of them out",
    ),
    rule(
        "error-conflict",
        responses::error_conflict,
        "All refusals of an operation have one JSON schema.",
        "progenitor takes one error type per operation; the generator puts all refusals under `4XX` and `5XX` with the first schema.",
        "make one schema that covers every shape of refusal",
    ),
    rule(
        "response-media-type",
        responses::response_media_type,
        "Answers are `application/json` or `application/octet-stream`.",
        "Everything else becomes a stream of bytes in silence, `application/problem+json` too.",
        "name one of the two",
    ),
    rule(
        "several-response-media-types",
        responses::several_response_media_types,
        "An answer has one media type.",
        "Only the JSON one is read; the others are dropped in silence.",
        "keep the one that callers should get",
    ),
    rule(
        "json-without-schema",
        responses::json_without_schema,
        "A JSON answer has a schema.",
        "progenitor panics.",
        "give it a schema; `{}` if it may be anything",
    ),
    // Schemas.
    rule(
        "missing-type",
        schemas::missing_type,
        "A schema with keywords of a type says which type.",
        "progenitor panics, or guesses wrong: `{nullable: true, minimum: 0}` becomes an array.",
        "add the `type`",
    ),
    rule(
        "misplaced-keyword",
        schemas::misplaced_keyword,
        "Keywords stand in schemas of the type that they belong to.",
        "They are ignored in silence.",
        "take it out, or change the type",
    ),
    rule(
        "array-items",
        schemas::array_items,
        "Every array says what it holds.",
        "OpenAPI 3.0 requires it; the generated code holds untyped JSON otherwise.",
        "add `items`; `{}` if it may be anything",
    ),
    rule(
        "empty-list",
        schemas::empty_list,
        "`allOf`, `oneOf`, `anyOf` and `enum` hold something.",
        "progenitor panics on an empty `allOf`, and makes a type without any value of an empty `oneOf`.",
        "fill it, or take it out",
    ),
    rule(
        "not-keyword",
        schemas::not_keyword,
        "No schema uses `not`.",
        "progenitor panics; beside `properties` it drops all of them in silence.",
        "say in words what is excluded",
    ),
    rule(
        "nullable-component",
        schemas::nullable_component,
        "No named schema may be null itself.",
        "The generated type is an optional one under that name; with `oneOf` or an enum it doesn't compile, and a type that replaces it loses the null.",
        "write `nullable: true` where the component is used, beside its `type` and `allOf: [{$ref: …}]`",
    ),
    rule(
        "converted-format",
        schemas::converted_format,
        "Money and dates are plain: the type, the format, and words.",
        "The generator recognises them by the exact schema; anything more in it gives a floating-point number, or a date type that refuses what the service sends.",
        "write no more than type, format and words",
    ),
    rule(
        "bad-pattern",
        schemas::bad_pattern,
        "Every `pattern` is a regular expression as ECMAScript has them.",
        "The validators can't be built from it.",
        "mend the pattern",
    ),
    rule(
        "float-format",
        schemas::float_format,
        "No number has the format `float`.",
        "It becomes an `f32`, which loses digits in silence.",
        "write `double`, or `decimal` for money",
    ),
    rule(
        "money-in-union",
        schemas::money_in_union,
        "No branch of a union holds money.",
        "Branches are tried on a copy of the value that no longer has the number's text, so that reading fails or digits are lost.",
        "describe the union as one wire type (`x-rust-wire`), or give the branches' members one common schema",
    ),
    rule(
        "default-mismatch",
        schemas::default_mismatch,
        "A default is a value that its schema allows.",
        "progenitor rejects it, panics, or generates code that panics when the default is used.",
        "mend the default",
    ),
    rule(
        "member-default",
        schemas::member_default,
        "Members have no defaults; those of parameters are documentation.",
        "A default is filled in on reading and then written, so that an absent member becomes a present one.",
        "take it out, and say in the description what holds if the member is absent",
    ),
    // Enums.
    rule(
        "enum-values",
        enums::enum_values,
        "An enum is a list of strings, of `type: string`.",
        "progenitor rejects values of another type; numbers and truth values become types that refuse unknown ones, and null makes code that doesn't compile.",
        "list strings",
    ),
    rule(
        "enum-clash",
        enums::enum_clash,
        "The values of an enum differ in Rust, and none is empty.",
        "progenitor panics (`Failed to make unique variant names`).",
        "keep one spelling; open enums are read without regard to letter case",
    ),
    rule(
        "closed-enum",
        enums::closed_enum,
        "Every enum is marked as open.",
        "The generated type refuses an unknown value, and with it the whole answer that holds it.",
        "write `x-extensible-enum: true` beside `enum`",
    ),
    rule(
        "inline-enum",
        enums::inline_enum,
        "Every enum is a named component.",
        "The generator replaces enums by name; one without stays closed.",
        "name it under `components/schemas`, and refer to it",
    ),
    // Compositions.
    rule(
        "any-of",
        unions::any_of,
        "No schema uses `anyOf` with several branches.",
        "Unless the branches exclude each other, progenitor makes a structure that reads nothing: not even a known value of an enum.",
        "write `oneOf` if only one branch can hold; else one object with optional members",
    ),
    rule(
        "mixed-composition",
        unions::mixed_composition,
        "`allOf`, `oneOf` and `anyOf` stand alone, and unions stand without `properties`.",
        "progenitor panics, or multiplies the schema out into variants without names.",
        "put one inside the other as a named component",
    ),
    rule(
        "recursive-composition",
        unions::recursive_composition,
        "No schema contains itself through `allOf`, `oneOf` or `anyOf` alone.",
        "progenitor follows `allOf` until the stack is used up, which ends the process; a union of that kind does so when a value is read.",
        "take the branch out",
    ),
    rule(
        "all-of-conflict",
        unions::all_of_conflict,
        "The branches of `allOf` agree.",
        "A member that is something else in another branch is dropped in silence, or the type has no value at all.",
        "rename the member, or describe it once",
    ),
    rule(
        "discriminator",
        unions::discriminator,
        "Every branch under a discriminator requires the tag and has one value for it.",
        "progenitor ignores discriminators: the first branch takes everything, and the rest of the members is lost.",
        "in the branch, require the tag and give it an `enum` of one value",
    ),
    rule(
        "ambiguous-union",
        unions::ambiguous_union,
        "The branches of `oneOf` can be told apart in the order in which they stand.",
        "Branches are tried in order: the first that fits takes the value, and members that only a later one has are lost.",
        "put the narrower branch first, or give each a required member that the others lack",
    ),
    // Members.
    rule(
        "member-clash",
        members::member_clash,
        "The members of an object differ in Rust, and none is called `extra`.",
        "The generated code doesn't compile.",
        "rename one of the two, or leave it out: it is kept as an unknown member",
    ),
    rule(
        "required-unknown",
        members::required_unknown,
        "Every required member is described.",
        "A misspelt name becomes a member that no answer has, so that none can be read.",
        "describe it under `properties`, or mend the name",
    ),
    rule(
        "closed-answer",
        members::closed_answer,
        "No schema of an answer forbids unknown members.",
        "The generated type refuses an answer that has one more member than the contract.",
        "take `additionalProperties: false` out",
    ),
    rule(
        "extra-members",
        members::extra_members,
        "`additionalProperties` doesn't stand beside `properties`.",
        "`true` drops unknown members in silence, and a schema costs the whole answer if one of them doesn't fit. The generator adds what keeps them.",
        "take `additionalProperties` out",
    ),
    rule(
        "read-only-in-request",
        members::read_only_in_request,
        "No schema of a request has members that only the service sets.",
        "`readOnly` is ignored: the generated type asks for the member and sends it.",
        "make a schema of its own for what is written",
    ),
    rule(
        "write-only-in-answer",
        members::write_only_in_answer,
        "No schema of an answer has members that only callers send.",
        "`writeOnly` is ignored: the generated type expects the member in answers.",
        "make a schema of its own for what is read",
    ),
    // Names of types.
    rule(
        "component-name",
        naming::component_name,
        "Components have names of letters, digits, `.`, `-` and `_`.",
        "OpenAPI 3.0 allows no others; readers disagree on how to refer to them.",
        "rename it",
    ),
    rule(
        "reserved-schema-name",
        naming::reserved_schema_name,
        "No schema is called like something that the generated code needs.",
        "The generated code doesn't compile.",
        "choose another name",
    ),
    rule(
        "type-name-clash",
        naming::type_name_clash,
        "No two schemas become one type in Rust.",
        "Named ones don't compile. One without a name of its own takes the other's type in silence: `GetOrderResponse` as a component replaces the real answer of `get_order`.",
        "name the schema under `components/schemas`, with a name that is free",
    ),
    // The conventions of this project's contract.
    rule(
        "operation-id-case",
        conventions::operation_id_case,
        "Operation ids are in snake_case.",
        "They are the names of methods, and what the retry table, the mocks and the documentation call the operation.",
        "write it in snake_case",
    )
    .convention(),
    rule(
        "operation-tag",
        conventions::operation_tag,
        "Every operation has exactly one tag, and the contract describes it.",
        "Tags are the chapters of the documentation and of the `Operation` table.",
        "give it one of the contract's tags",
    )
    .convention(),
    rule(
        "retry-class",
        conventions::retry_class,
        "Every operation says how it may be repeated: `x-retry` is `read`, `idempotent-write`, `keyed-write` or `once`.",
        "The retry policy goes by it; a wrong guess could place an order twice.",
        "write `x-retry: read`, `idempotent-write`, `keyed-write` or `once`",
    )
    .convention(),
    rule(
        "sign-in",
        conventions::sign_in,
        "Every operation says which sign-in it takes: `x-auth` lists `app`, `user` or both.",
        "The wrapper chooses the token by it.",
        "write `x-auth: [app, user]`, or the one that is taken",
    )
    .convention(),
    rule(
        "missing-description",
        conventions::missing_description,
        "Operations, parameters, named schemas, members and responses have a description.",
        "It is the documentation of the generated code, and names unit and source.",
        "say what it means, in which unit, and where that is known from",
    )
    .convention(),
    rule(
        "missing-example",
        conventions::missing_example,
        "Every operation has an example of each JSON body that it sends or answers with success.",
        "Examples are what the validators, mocks and readers of the documentation start from.",
        "add `examples` with an `externalValue` in `examples/`",
    )
    .convention(),
    rule(
        "example-file",
        conventions::example_file,
        "Every example file lies beside the contract and can be read.",
        "The example would be missing where it is shown or judged.",
        "add the file, or mend the name",
    )
    .convention(),
    rule(
        "version-in-server",
        conventions::version_in_server,
        "Base addresses end in `/v1`, and paths don't begin with it.",
        "Links of the service come without the version; with it in both places, or in neither, requests go astray.",
        "end the address in `/v1`, and begin paths with `/customers`",
    )
    .convention(),
    rule(
        "strict-format",
        conventions::strict_format,
        "GUIDs, dates and addresses in bodies are plain text.",
        "The generated types refuse a damaged one, with the whole answer, and write GUIDs in small letters.",
        "take the format out, and name it in the description",
    )
    .convention(),
    rule(
        "named-body",
        conventions::named_body,
        "JSON bodies are named components.",
        "Lowerings and the schema bundle go by name; a body without one gets a made-up type.",
        "name the schema under `components/schemas`, and refer to it",
    )
    .convention(),
    rule(
        "unknown-extension",
        conventions::unknown_extension,
        "Every key that begins with `x-` is one that the generator reads, in the place where it does.",
        "A misspelt one has no effect, and nobody is told.",
        "take it out, or mend its name",
    )
    .convention(),
    rule(
        "wire-type",
        conventions::wire_type,
        "`x-rust-wire` names a type and stands in a named schema.",
        "The generator replaces schemas by name; elsewhere it has no effect.",
        "name the schema under `components/schemas`, and refer to it",
    )
    .convention(),
    rule(
        "sent-back-as",
        forms::sent_back_as,
        "`x-sent-back-as` stands in a named schema and names another, whose members can be filled from it.",
        "The conversion between what is read and what is written can't be generated otherwise.",
        "put it in a schema under `components/schemas`, with the name of the form that is written",
    )
    .convention(),
    // The last one: it leaves out what the others tell.
    rule(
        "validator-form",
        validator::validator_form,
        "Schemas say nothing that the generated validators can't judge.",
        "The validators know types, lists of texts, lengths, counts and bounds of whole numbers, members and maps. Judging the rest by half would pass payloads that the contract forbids.",
        "take it out, and say it in the description",
    )
    .convention(),
];
