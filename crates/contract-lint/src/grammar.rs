//! What OpenAPI 3.0 allows where: the objects of its specification, their fields, and what each field holds.

use self::Shape::{Any, AnyMap, Bool, BoolOrSchema, Count, List, Map, Number, Objects, Text, TextMap, Texts, Word};

/// An object of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The document itself.
    Root,
    /// Title and version of the contract.
    Info,
    /// The contact.
    Contact,
    /// The contract's licence.
    License,
    /// A base address.
    Server,
    /// A variable in a base address.
    ServerVariable,
    /// The paths, by template.
    Paths,
    /// The operations of one path.
    PathItem,
    /// One operation.
    Operation,
    /// A link to further words.
    ExternalDocs,
    /// A parameter.
    Parameter,
    /// A header of a response or a part.
    Header,
    /// A request body.
    RequestBody,
    /// A body of one media type.
    MediaType,
    /// How one part of a form is written.
    Encoding,
    /// The responses of an operation, by status.
    Responses,
    /// One response.
    Response,
    /// Requests that the service makes in turn.
    Callback,
    /// An example.
    Example,
    /// What may be called next.
    Link,
    /// Everything that has a name.
    Components,
    /// A group of operations.
    Tag,
    /// A schema.
    Schema,
    /// The member that distinguishes branches.
    Discriminator,
    /// How a schema looks in XML.
    Xml,
    /// A way to sign in.
    SecurityScheme,
    /// The flows of OAuth 2.
    OauthFlows,
    /// One flow.
    OauthFlow,
    /// The schemes that one call needs.
    SecurityRequirement,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Any JSON value.
    Any,
    /// Text.
    Text,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// A boolean.
    Bool,
    /// A count.
    Count,
    /// A number.
    Number,
    /// A list of texts.
    Texts,
    /// Any list.
    List,
    /// An object of the specification.
    Object(Kind),
    /// A list of such objects.
    Objects(Kind),
    /// Such objects by name.
    Map(Kind),
    /// Texts by name.
    TextMap,
    /// Any values by name.
    AnyMap,
    /// A boolean or a schema.
    BoolOrSchema,
}

/// A field of an object.
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
}

/// An object's fields.
pub struct Object {
    /// What messages call it.
    pub title: &'static str,
    /// The fields that it may have.
    pub fields: &'static [Field],
    /// The fields that it must have.
    pub required: &'static [&'static str],
    /// What every other key holds, for objects whose keys are names.
    pub others: Option<Shape>,
    /// Whether a `$ref` may replace it.
    pub referable: bool,
}

/// The values of `type` in a schema.
pub(super) const TYPES: &[&str] = &["array", "boolean", "integer", "number", "object", "string"];

/// The sections of `components`, with what each holds.
pub(super) const SECTIONS: &[(&str, Kind)] = &[
    ("schemas", Kind::Schema),
    ("responses", Kind::Response),
    ("parameters", Kind::Parameter),
    ("examples", Kind::Example),
    ("requestBodies", Kind::RequestBody),
    ("headers", Kind::Header),
    ("securitySchemes", Kind::SecurityScheme),
    ("links", Kind::Link),
    ("callbacks", Kind::Callback),
];

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

static ROOT_OBJECT: Object = object(
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

static INFO_OBJECT: Object = object(
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

static CONTACT_OBJECT: Object =
    object("a contact", &[], &[field("name", Text), field("url", Text), field("email", Text)]);

static LICENSE_OBJECT: Object = object("a licence", &["name"], &[field("name", Text), field("url", Text)]);

static SERVER_OBJECT: Object =
    object("a server", &["url"], &[field("url", Text), DESCRIPTION, field("variables", Map(Kind::ServerVariable))]);

static SERVER_VARIABLE_OBJECT: Object =
    object("a server variable", &["default"], &[field("enum", Texts), field("default", Text), DESCRIPTION]);

static PATHS_OBJECT: Object = named("`paths`", Shape::Object(Kind::PathItem));

static PATH_ITEM_OBJECT: Object = object(
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

static OPERATION_OBJECT: Object = object(
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

static EXTERNAL_DOCS_OBJECT: Object = object("`externalDocs`", &["url"], &[DESCRIPTION, field("url", Text)]);

static PARAMETER_OBJECT: Object = object(
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

static HEADER_OBJECT: Object = object(
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

static REQUEST_BODY_OBJECT: Object =
    object("a request body", &["content"], &[DESCRIPTION, CONTENT, field("required", Bool)]).referable();

static MEDIA_TYPE_OBJECT: Object =
    object("a media type", &[], &[SCHEMA, EXAMPLE, EXAMPLES, field("encoding", Map(Kind::Encoding))]);

static ENCODING_OBJECT: Object = object(
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

static RESPONSES_OBJECT: Object = named("`responses`", Shape::Object(Kind::Response));

static RESPONSE_OBJECT: Object = object(
    "a response",
    &["description"],
    &[DESCRIPTION, field("headers", Map(Kind::Header)), CONTENT, field("links", Map(Kind::Link))],
)
.referable();

static CALLBACK_OBJECT: Object = named("a callback", Shape::Object(Kind::PathItem)).referable();

static EXAMPLE_OBJECT: Object =
    object("an example", &[], &[SUMMARY, DESCRIPTION, field("value", Any), field("externalValue", Text)]).referable();

static LINK_OBJECT: Object = object(
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

static COMPONENTS_OBJECT: Object = object(
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

static TAG_OBJECT: Object = object("a tag", &["name"], &[field("name", Text), DESCRIPTION, EXTERNAL_DOCS]);

static SCHEMA_OBJECT: Object = object(
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

static DISCRIMINATOR_OBJECT: Object =
    object("a discriminator", &["propertyName"], &[field("propertyName", Text), field("mapping", TextMap)]);

static XML_OBJECT: Object = object(
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

static SECURITY_SCHEME_OBJECT: Object = object(
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

static OAUTH_FLOWS_OBJECT: Object = object(
    "`flows`",
    &[],
    &[
        field("implicit", Shape::Object(Kind::OauthFlow)),
        field("password", Shape::Object(Kind::OauthFlow)),
        field("clientCredentials", Shape::Object(Kind::OauthFlow)),
        field("authorizationCode", Shape::Object(Kind::OauthFlow)),
    ],
);

static OAUTH_FLOW_OBJECT: Object = object(
    "an OAuth flow",
    &["scopes"],
    &[field("authorizationUrl", Text), field("tokenUrl", Text), field("refreshUrl", Text), field("scopes", TextMap)],
);

static SECURITY_REQUIREMENT_OBJECT: Object = named("a security requirement", Texts);

impl Kind {
    /// The object's fields.
    pub fn object(self) -> &'static Object {
        match self {
            Self::Root => &ROOT_OBJECT,
            Self::Info => &INFO_OBJECT,
            Self::Contact => &CONTACT_OBJECT,
            Self::License => &LICENSE_OBJECT,
            Self::Server => &SERVER_OBJECT,
            Self::ServerVariable => &SERVER_VARIABLE_OBJECT,
            Self::Paths => &PATHS_OBJECT,
            Self::PathItem => &PATH_ITEM_OBJECT,
            Self::Operation => &OPERATION_OBJECT,
            Self::ExternalDocs => &EXTERNAL_DOCS_OBJECT,
            Self::Parameter => &PARAMETER_OBJECT,
            Self::Header => &HEADER_OBJECT,
            Self::RequestBody => &REQUEST_BODY_OBJECT,
            Self::MediaType => &MEDIA_TYPE_OBJECT,
            Self::Encoding => &ENCODING_OBJECT,
            Self::Responses => &RESPONSES_OBJECT,
            Self::Response => &RESPONSE_OBJECT,
            Self::Callback => &CALLBACK_OBJECT,
            Self::Example => &EXAMPLE_OBJECT,
            Self::Link => &LINK_OBJECT,
            Self::Components => &COMPONENTS_OBJECT,
            Self::Tag => &TAG_OBJECT,
            Self::Schema => &SCHEMA_OBJECT,
            Self::Discriminator => &DISCRIMINATOR_OBJECT,
            Self::Xml => &XML_OBJECT,
            Self::SecurityScheme => &SECURITY_SCHEME_OBJECT,
            Self::OauthFlows => &OAUTH_FLOWS_OBJECT,
            Self::OauthFlow => &OAUTH_FLOW_OBJECT,
            Self::SecurityRequirement => &SECURITY_REQUIREMENT_OBJECT,
        }
    }

    /// The section of `components` that holds objects of this kind.
    pub fn section(self) -> Option<&'static str> {
        SECTIONS.iter().find(|(_, kind)| *kind == self).map(|(section, _)| *section)
    }
}

impl Object {
    /// The same object, where a `$ref` may replace it.
    const fn referable(self) -> Self {
        Self { referable: true, ..self }
    }

    /// What a key of this object holds: a field's shape, or that of its named things.
    pub fn shape(&self, key: &str) -> Option<Shape> {
        self.fields.iter().find(|field| field.name == key).map(|field| field.shape).or(self.others)
    }
}

impl Shape {
    /// What the field must hold, in words.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::Text | Self::Word(_) => "a string",
            Self::Bool => "a boolean",
            Self::Count => "an integer of 0 or more",
            Self::Number => "a number",
            Self::Texts => "an array of strings",
            Self::List | Self::Objects(_) => "an array",
            Self::Object(_) | Self::Map(_) | Self::TextMap | Self::AnyMap => "an object",
            Self::BoolOrSchema => "a boolean or a schema",
        }
    }
}
