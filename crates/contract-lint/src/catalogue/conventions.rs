//! The conventions of this project's contract, and what the rules before them leave.

use crate::rule::{Section, rule};
use crate::{conventions, forms, members, validator};

pub(super) const SECTIONS: &[Section] = &[
    Section { title: "The conventions of this project's contract", rules: &[
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
        "Every operation declares how it may be repeated: `x-retry` is `read`, `idempotent-write`, `keyed-write` or `once`.",
        "The retry policy goes by it; a wrong guess could place an order twice.",
        "write `x-retry: read`, `idempotent-write`, `keyed-write` or `once`",
    )
    .convention(),
    rule(
        "sign-in",
        conventions::sign_in,
        "Every operation declares which authentication it takes: `x-auth` lists `app`, `user` or both.",
        "The wrapper chooses the token by it.",
        "write `x-auth: [app, user]`, or the one that is taken",
    )
    .convention(),
    rule(
        "missing-description",
        conventions::missing_description,
        "Operations, parameters, named schemas, members and responses have a description.",
        "It is the documentation of the generated code, and names unit and source.",
        "describe what it means, in which unit, and where that is known from",
    )
    .convention(),
    rule(
        "missing-example",
        conventions::missing_example,
        "Every operation has an example of each JSON body that it sends or that a success returns.",
        "Examples are what the validators, mocks and readers of the documentation start from.",
        "add `examples` with an `externalValue` in `examples/`",
    )
    .convention(),
    rule(
        "example-file",
        conventions::example_file,
        "Every example file is in the contract's folder or below, and can be read.",
        "The example would be missing where it is shown or validated.",
        "add the file, or fix the name",
    )
    .convention(),
    rule(
        "version-in-server",
        conventions::version_in_server,
        "Base addresses end in `/v1`, and paths don't begin with it.",
        "Links of the service come without the version; with it in both, or in neither, requests go to a wrong address.",
        "end the address in `/v1`, and begin paths with `/customers`",
    )
    .convention(),
    rule(
        "strict-format",
        conventions::strict_format,
        "GUIDs, dates and addresses in bodies are plain text.",
        "The generated types reject an invalid one, with the whole response, and write GUIDs in lower case.",
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
        "Every key that begins with `x-` is one that the generator reads, at a position where it does.",
        "A misspelt one silently has no effect.",
        "remove it, or fix its name",
    )
    .convention(),
    rule(
        "wire-type",
        conventions::wire_type,
        "`x-rust-wire` names a type and is set in a named schema.",
        "The generator replaces schemas by name; elsewhere it has no effect.",
        "name the schema under `components/schemas`, and refer to it",
    )
    .convention(),
    rule(
        "sent-back-as",
        forms::sent_back_as,
        "`x-sent-back-as` is set in a named schema and names another, whose members can be filled from it.",
        "The conversion between what is read and what is written can't be generated otherwise.",
        "put it in a schema under `components/schemas`, with the name of the form that is written",
    )
    .convention(),
    rule(
        "same-typed-arguments",
        members::same_typed_arguments,
        "No two neighbours in the list of required members have one type.",
        "Required members are arguments of the generated constructor, in that order; the compiler doesn't notice when two of one type are mixed up.",
        "put a member of another type between them in `required`, or accept it with `x-same-typed-arguments: true`",
    )
    .convention()
    .warning(),
    rule(
        "critical-member",
        members::critical_member,
        "`x-critical` is `true`, and is set in a member.",
        "It decides whether a value of another type fails the response or is kept among the unknown members; elsewhere it has no effect.",
        "write `x-critical: true` in the member's own schema",
    )
    .convention(),
    // The last one: it leaves out what the others report.
    rule(
        "validator-form",
        validator::validator_form,
        "Schemas use nothing that the generated validators can't check.",
        "The validators know types, lists of texts, lengths, counts and bounds of whole numbers, members and maps. Checking the rest in part would accept payloads that the contract forbids.",
        "remove it, and write it in the description",
    )
    .convention(),
    ] },
];
