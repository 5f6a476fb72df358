//! Rules on the outer form: what is allowed where, and of which kind.

use contract::load::{Entry, Node, Value};

use super::context::{Context, Fault};
use super::grammar::{Kind, Shape, TYPES};
use super::nearest::nearest;
use super::rule::Findings;

/// These rules are checked while the text is parsed; here they are only listed in the catalogue.
pub(super) fn checked_while_parsing(_: &Context<'_>, _: &mut Findings<'_>) {}

pub(super) fn openapi_version(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(root) = context.root.as_map() else { return };
    if let Some(entry) = root.entry("swagger") {
        findings.add_with(
            entry.key.span,
            "this is a Swagger 2.0 document",
            "convert it to OpenAPI 3.0.3; the two differ in bodies, parameters and base addresses",
        );
        return;
    }
    // That there is none at all is `missing-key`.
    let Some(entry) = root.entry("openapi") else { return };
    match entry.value.as_str() {
        Some(version) if is_3_0(version) => {}
        Some(version) if version.starts_with("3.1") || version.starts_with("3.2") => findings.add_with(
            entry.value_span(),
            format!("OpenAPI {version} is not supported"),
            "write `openapi: 3.0.3`; in 3.0 `nullable: true` replaces `type: [.., 'null']`, `example` for `examples` of a schema, and `exclusiveMinimum` is a boolean",
        ),
        Some(version) => findings.add(entry.value_span(), format!("`{version}` is not a version of OpenAPI 3.0")),
        None => findings.add_with(
            entry.value_span(),
            format!("the version is {}, not a string", entry.value.kind()),
            "write all three numbers, `3.0.3`: YAML takes `3.0` for a number",
        ),
    }
}

pub(super) fn version_characters(context: &Context<'_>, findings: &mut Findings<'_>) {
    let version = context.root.get("info").and_then(|info| info.entry("version"));
    let Some(version) = version else { return };
    let Some(text) = version.value.as_str() else { return };
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        findings.add(version.value_span(), format!("the version `{text}` can't be sent in a header"));
    }
}

fn is_3_0(version: &str) -> bool {
    version
        .strip_prefix("3.0.")
        .is_some_and(|patch| !patch.is_empty() && patch.bytes().all(|digit| digit.is_ascii_digit()))
}

pub(super) fn unknown_key(context: &Context<'_>, findings: &mut Findings<'_>) {
    for fault in &context.faults {
        let Fault::UnknownKey(kind, entry) = fault else { continue };
        let key = &entry.key.text;
        if *kind == Kind::Root && key == "swagger" {
            continue;
        }
        let object = kind.object();
        let message = format!("unknown key `{key}` of {}", object.title);
        match nearest(key, object.fields.iter().map(|field| field.name)) {
            Some(near) => findings.add_with(entry.key.span, message, format!("did you mean `{near}`?")),
            None => findings.add_with(entry.key.span, message, foreign_key_help(*kind, key)),
        }
    }
}

/// Keys of later versions and of JSON Schema, with their counterpart in 3.0.
fn foreign_key_help(kind: Kind, key: &str) -> &'static str {
    match (kind, key) {
        (Kind::Root, "webhooks") => "webhooks came with OpenAPI 3.1; leave them out",
        (Kind::Schema, "const") => "write `enum` with this one value; `const` came with OpenAPI 3.1",
        (Kind::Schema, "examples") => "write `example`; a schema's `examples` came with OpenAPI 3.1",
        (Kind::Schema, "$defs" | "definitions") => "name the schemas under `components/schemas`",
        (Kind::Schema, "patternProperties" | "propertyNames" | "unevaluatedProperties" | "dependentRequired") => {
            "OpenAPI 3.0 has no such keyword; `additionalProperties` comes nearest"
        }
        (Kind::Schema, "if" | "then" | "else" | "prefixItems" | "contains") => {
            "OpenAPI 3.0 has no such keyword; describe the rule in words"
        }
        (Kind::Parameter, "type" | "format" | "enum" | "items" | "default") => {
            "in OpenAPI 3.0 this belongs in the parameter's `schema`"
        }
        (Kind::Response | Kind::RequestBody, "schema") => "put the schema under `content` and its media type",
        _ => "remove it, or begin it with `x-` if it is meant for the generator",
    }
}

pub(super) fn wrong_kind(context: &Context<'_>, findings: &mut Findings<'_>) {
    for fault in &context.faults {
        let Fault::WrongKind(kind, shape, entry, node) = fault else { continue };
        let title = kind.object().title;
        let Some(entry) = entry else {
            let message = format!("{title} must be an object, and this is {}", node.kind());
            findings.add(node.span, message);
            continue;
        };
        let key = &entry.key.text;
        let message = match shape {
            Shape::Texts | Shape::TextMap if is_container(shape, node) => {
                format!("`{key}` of {title} must hold strings only")
            }
            Shape::Object(inner) if inner.object().title == format!("`{key}`") => {
                format!("`{key}` must be an object, and this is {}", node.kind())
            }
            Shape::Count => format!("`{key}` must be {}", shape.expected()),
            Shape::Object(inner) => {
                format!("`{key}` must be {}, which is an object, and this is {}", inner.object().title, node.kind())
            }
            _ => format!("`{key}` of {title} must be {}, and this is {}", shape.expected(), node.kind()),
        };
        findings.add_with(entry.value_span(), message, wrong_kind_help(*kind, entry));
    }
}

fn is_container(shape: &Shape, node: &Node) -> bool {
    match shape {
        Shape::Texts => node.as_seq().is_some(),
        Shape::TextMap => node.as_map().is_some(),
        _ => false,
    }
}

fn wrong_kind_help(kind: Kind, entry: &Entry) -> &'static str {
    match (kind, entry.key.text.as_str(), &entry.value.value) {
        (Kind::Schema, "required", Value::Bool(_)) => {
            "list the names of required members next to `properties` of the schema around this one"
        }
        (Kind::Schema, "exclusiveMinimum" | "exclusiveMaximum", Value::Int(_) | Value::Float(_)) => {
            "in OpenAPI 3.0 this is a boolean next to `minimum` or `maximum`"
        }
        (Kind::Info, "version", Value::Int(_) | Value::Float(_)) => "put the version in quotes",
        (_, _, Value::Null) => "nothing follows the colon: give it a value, or remove the key",
        (_, _, Value::String(text)) if matches!(text.as_str(), "yes" | "no" | "on" | "off" | "Yes" | "No") => {
            "write `true` or `false`; `yes` and `no` are text in YAML 1.2"
        }
        (_, _, Value::String(_)) => "remove the quotes if a number or boolean was meant",
        (_, _, Value::Int(_) | Value::Float(_) | Value::Bool(_)) => "put it in quotes if text was meant",
        _ => "see the specification of OpenAPI 3.0.3 for what is allowed here",
    }
}

pub(super) fn unknown_word(context: &Context<'_>, findings: &mut Findings<'_>) {
    for fault in &context.faults {
        let Fault::UnknownWord(words, entry) = fault else { continue };
        let word = entry.value.as_str().unwrap_or_default();
        let message = format!("unknown value `{word}` of `{}`", entry.key.text);
        let help = match nearest(word, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of: {}", words.join(", ")),
        };
        findings.add_with(entry.value_span(), message, help);
    }
}

pub(super) fn missing_key(context: &Context<'_>, findings: &mut Findings<'_>) {
    for fault in &context.faults {
        let Fault::Missing(kind, name, position) = fault else { continue };
        if *kind == Kind::Root && *name == "openapi" && context.root.get("swagger").is_some() {
            continue;
        }
        findings.add_with(
            *position,
            format!("{} lacks `{name}`", kind.object().title),
            match (kind, *name) {
                (Kind::Root, "openapi") => "write `openapi: 3.0.3` in the first line".to_owned(),
                _ => format!("add `{name}`"),
            },
        );
    }
    for site in context.of_kind(Kind::SecurityScheme) {
        let needed: &[&str] = match site.node.get("type").and_then(Node::as_str) {
            Some("apiKey") => &["name", "in"],
            Some("http") => &["scheme"],
            Some("oauth2") => &["flows"],
            Some("openIdConnect") => &["openIdConnectUrl"],
            _ => &[],
        };
        for name in needed.iter().filter(|name| site.node.get(name).is_none()) {
            findings.add_with(
                site.span(),
                format!("a security scheme of this type lacks `{name}`"),
                format!("add `{name}`"),
            );
        }
    }
    for site in context.of_kind(Kind::OauthFlow) {
        let needed: &[&str] = match site.name() {
            Some("implicit") => &["authorizationUrl"],
            Some("password" | "clientCredentials") => &["tokenUrl"],
            Some("authorizationCode") => &["authorizationUrl", "tokenUrl"],
            _ => &[],
        };
        for name in needed.iter().filter(|name| site.node.get(name).is_none()) {
            findings.add_with(
                site.span(),
                format!("an OAuth flow of this kind lacks `{name}`"),
                format!("add `{name}`"),
            );
        }
    }
    for site in context.of_kind(Kind::Parameter).chain(context.of_kind(Kind::Header)) {
        if site.node.get("schema").is_none() && site.node.get("content").is_none() {
            let title = site.kind.object().title;
            findings.add_with(site.span(), format!("{title} lacks `schema`"), "add `schema`");
        }
    }
}

pub(super) fn schema_type(context: &Context<'_>, findings: &mut Findings<'_>) {
    for site in context.schemas() {
        let Some(entry) = site.node.entry("type") else { continue };
        match &entry.value.value {
            Value::String(word) if TYPES.contains(&word.as_str()) => {}
            Value::String(word) if word == "null" => findings.add_with(
                entry.value_span(),
                "`null` is not a type of OpenAPI 3.0",
                "give the type of the other values, and `nullable: true`",
            ),
            Value::String(word) => {
                let help = match nearest(word, TYPES.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("write one of: {}", TYPES.join(", ")),
                };
                findings.add_with(entry.value_span(), format!("unknown type `{word}` of a schema"), help);
            }
            Value::Seq(_) => findings.add_with(
                entry.value_span(),
                "a list of types came with OpenAPI 3.1",
                "write one type, with `nullable: true` if null is allowed, or `oneOf`",
            ),
            _ => findings.add_with(
                entry.value_span(),
                format!("a type is a word, and this is {}", entry.value.kind()),
                format!("write one of: {}", TYPES.join(", ")),
            ),
        }
    }
}
