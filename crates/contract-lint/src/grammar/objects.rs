//! The objects of the specification: what messages call each, its fields, and what each field holds.

use super::Shape::{Any, AnyMap, Bool, BoolOrSchema, Count, List, Map, Number, Objects, Text, TextMap, Texts, Word};
use super::{Field, Kind, Object, Shape};

const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape }
}

const fn object(title: &'static str, required: &'static [&'static str], fields: &'static [Field]) -> Object {
    Object { title, fields, required, others: None, referable: false }
}

/// An object whose keys are names.
const fn named(title: &'static str, others: Shape) -> Object {
    Object { title, fields: &[], required: &[], others: Some(others), referable: false }
}

const DESCRIPTION: Field = field("description", Text);
const SUMMARY: Field = field("summary", Text);
const EXTERNAL_DOCS: Field = field("externalDocs", Shape::Object(Kind::ExternalDocs));
const SERVERS: Field = field("servers", Objects(Kind::Server));
const PARAMETERS: Field = field("parameters", Objects(Kind::Parameter));
const EXAMPLE: Field = field("example", Any);
const EXAMPLES: Field = field("examples", Map(Kind::Example));
const CONTENT: Field = field("content", Map(Kind::MediaType));
const SCHEMA: Field = field("schema", Shape::Object(Kind::Schema));

pub(super) static ROOT_OBJECT: Object = object(
    "the contract",
    &["openapi", "info", "paths"],
    &[
        // Checked by a rule of its own.
        field("openapi", Any),
        field("info", Shape::Object(Kind::Info)),
        SERVERS,
        field("paths", Shape::Object(Kind::Paths)),
        field("components", Shape::Object(Kind::Components)),
        field("security", Objects(Kind::SecurityRequirement)),
        field("tags", Objects(Kind::Tag)),
        EXTERNAL_DOCS,
    ],
);

pub(super) static INFO_OBJECT: Object = object(
    "`info`",
    &["title", "version"],
    &[
        field("title", Text),
        DESCRIPTION,
        field("termsOfService", Text),
        field("contact", Shape::Object(Kind::Contact)),
        field("license", Shape::Object(Kind::License)),
        field("version", Text),
    ],
);

pub(super) static CONTACT_OBJECT: Object =
    object("a contact", &[], &[field("name", Text), field("url", Text), field("email", Text)]);

pub(super) static LICENSE_OBJECT: Object = object("a licence", &["name"], &[field("name", Text), field("url", Text)]);

pub(super) static SERVER_OBJECT: Object =
    object("a server", &["url"], &[field("url", Text), DESCRIPTION, field("variables", Map(Kind::ServerVariable))]);

pub(super) static SERVER_VARIABLE_OBJECT: Object =
    object("a server variable", &["default"], &[field("enum", Texts), field("default", Text), DESCRIPTION]);

pub(super) static PATHS_OBJECT: Object = named("`paths`", Shape::Object(Kind::PathItem));

pub(super) static PATH_ITEM_OBJECT: Object = object(
    "a path item",
    &[],
    &[
        SUMMARY,
        DESCRIPTION,
        field("get", Shape::Object(Kind::Operation)),
        field("put", Shape::Object(Kind::Operation)),
        field("post", Shape::Object(Kind::Operation)),
        field("delete", Shape::Object(Kind::Operation)),
        field("options", Shape::Object(Kind::Operation)),
        field("head", Shape::Object(Kind::Operation)),
        field("patch", Shape::Object(Kind::Operation)),
        field("trace", Shape::Object(Kind::Operation)),
        SERVERS,
        PARAMETERS,
    ],
)
.referable();

pub(super) static OPERATION_OBJECT: Object = object(
    "an operation",
    &["responses"],
    &[
        field("tags", Texts),
        SUMMARY,
        DESCRIPTION,
        EXTERNAL_DOCS,
        field("operationId", Text),
        PARAMETERS,
        field("requestBody", Shape::Object(Kind::RequestBody)),
        field("responses", Shape::Object(Kind::Responses)),
        field("callbacks", Map(Kind::Callback)),
        field("deprecated", Bool),
        field("security", Objects(Kind::SecurityRequirement)),
        SERVERS,
    ],
);

pub(super) static EXTERNAL_DOCS_OBJECT: Object = object("`externalDocs`", &["url"], &[DESCRIPTION, field("url", Text)]);

pub(super) static PARAMETER_OBJECT: Object = object(
    "a parameter",
    &["name", "in"],
    &[
        field("name", Text),
        field("in", Word(&["path", "query", "header", "cookie"])),
        DESCRIPTION,
        field("required", Bool),
        field("deprecated", Bool),
        field("allowEmptyValue", Bool),
        field("style", Word(&["form", "simple", "matrix", "label", "spaceDelimited", "pipeDelimited", "deepObject"])),
        field("explode", Bool),
        field("allowReserved", Bool),
        SCHEMA,
        EXAMPLE,
        EXAMPLES,
        CONTENT,
    ],
)
.referable();

pub(super) static HEADER_OBJECT: Object = object(
    "a header",
    &[],
    &[
        DESCRIPTION,
        field("required", Bool),
        field("deprecated", Bool),
        field("allowEmptyValue", Bool),
        field("style", Word(&["simple"])),
        field("explode", Bool),
        field("allowReserved", Bool),
        SCHEMA,
        EXAMPLE,
        EXAMPLES,
        CONTENT,
    ],
)
.referable();

pub(super) static REQUEST_BODY_OBJECT: Object =
    object("a request body", &["content"], &[DESCRIPTION, CONTENT, field("required", Bool)]).referable();

pub(super) static MEDIA_TYPE_OBJECT: Object =
    object("a media type", &[], &[SCHEMA, EXAMPLE, EXAMPLES, field("encoding", Map(Kind::Encoding))]);

pub(super) static ENCODING_OBJECT: Object = object(
    "an encoding",
    &[],
    &[
        field("contentType", Text),
        field("headers", Map(Kind::Header)),
        field("style", Word(&["form", "spaceDelimited", "pipeDelimited", "deepObject"])),
        field("explode", Bool),
        field("allowReserved", Bool),
    ],
);

pub(super) static RESPONSES_OBJECT: Object = named("`responses`", Shape::Object(Kind::Response));

pub(super) static RESPONSE_OBJECT: Object = object(
    "a response",
    &["description"],
    &[DESCRIPTION, field("headers", Map(Kind::Header)), CONTENT, field("links", Map(Kind::Link))],
)
.referable();

pub(super) static CALLBACK_OBJECT: Object = named("a callback", Shape::Object(Kind::PathItem)).referable();

pub(super) static EXAMPLE_OBJECT: Object =
    object("an example", &[], &[SUMMARY, DESCRIPTION, field("value", Any), field("externalValue", Text)]).referable();

pub(super) static LINK_OBJECT: Object = object(
    "a link",
    &[],
    &[
        field("operationRef", Text),
        field("operationId", Text),
        field("parameters", AnyMap),
        field("requestBody", Any),
        DESCRIPTION,
        field("server", Shape::Object(Kind::Server)),
    ],
)
.referable();

pub(super) static COMPONENTS_OBJECT: Object = object(
    "`components`",
    &[],
    &[
        field("schemas", Map(Kind::Schema)),
        field("responses", Map(Kind::Response)),
        field("parameters", Map(Kind::Parameter)),
        field("examples", Map(Kind::Example)),
        field("requestBodies", Map(Kind::RequestBody)),
        field("headers", Map(Kind::Header)),
        field("securitySchemes", Map(Kind::SecurityScheme)),
        field("links", Map(Kind::Link)),
        field("callbacks", Map(Kind::Callback)),
    ],
);

pub(super) static TAG_OBJECT: Object = object("a tag", &["name"], &[field("name", Text), DESCRIPTION, EXTERNAL_DOCS]);

pub(super) static SCHEMA_OBJECT: Object = object(
    "a schema",
    &[],
    &[
        field("title", Text),
        field("multipleOf", Number),
        field("maximum", Number),
        field("exclusiveMaximum", Bool),
        field("minimum", Number),
        field("exclusiveMinimum", Bool),
        field("maxLength", Count),
        field("minLength", Count),
        field("pattern", Text),
        field("maxItems", Count),
        field("minItems", Count),
        field("uniqueItems", Bool),
        field("maxProperties", Count),
        field("minProperties", Count),
        field("required", Texts),
        field("enum", List),
        // Checked by a rule of its own.
        field("type", Any),
        field("allOf", Objects(Kind::Schema)),
        field("oneOf", Objects(Kind::Schema)),
        field("anyOf", Objects(Kind::Schema)),
        field("not", Shape::Object(Kind::Schema)),
        field("items", Shape::Object(Kind::Schema)),
        field("properties", Map(Kind::Schema)),
        field("additionalProperties", BoolOrSchema),
        DESCRIPTION,
        field("format", Text),
        field("default", Any),
        field("nullable", Bool),
        field("discriminator", Shape::Object(Kind::Discriminator)),
        field("readOnly", Bool),
        field("writeOnly", Bool),
        field("xml", Shape::Object(Kind::Xml)),
        EXTERNAL_DOCS,
        EXAMPLE,
        field("deprecated", Bool),
    ],
)
.referable();

pub(super) static DISCRIMINATOR_OBJECT: Object =
    object("a discriminator", &["propertyName"], &[field("propertyName", Text), field("mapping", TextMap)]);

pub(super) static XML_OBJECT: Object = object(
    "`xml`",
    &[],
    &[
        field("name", Text),
        field("namespace", Text),
        field("prefix", Text),
        field("attribute", Bool),
        field("wrapped", Bool),
    ],
);

pub(super) static SECURITY_SCHEME_OBJECT: Object = object(
    "a security scheme",
    &["type"],
    &[
        field("type", Word(&["apiKey", "http", "oauth2", "openIdConnect"])),
        DESCRIPTION,
        field("name", Text),
        field("in", Word(&["query", "header", "cookie"])),
        field("scheme", Text),
        field("bearerFormat", Text),
        field("flows", Shape::Object(Kind::OauthFlows)),
        field("openIdConnectUrl", Text),
    ],
)
.referable();

pub(super) static OAUTH_FLOWS_OBJECT: Object = object(
    "`flows`",
    &[],
    &[
        field("implicit", Shape::Object(Kind::OauthFlow)),
        field("password", Shape::Object(Kind::OauthFlow)),
        field("clientCredentials", Shape::Object(Kind::OauthFlow)),
        field("authorizationCode", Shape::Object(Kind::OauthFlow)),
    ],
);

pub(super) static OAUTH_FLOW_OBJECT: Object = object(
    "an OAuth flow",
    &["scopes"],
    &[field("authorizationUrl", Text), field("tokenUrl", Text), field("refreshUrl", Text), field("scopes", TextMap)],
);

pub(super) static SECURITY_REQUIREMENT_OBJECT: Object = named("a security requirement", Texts);
