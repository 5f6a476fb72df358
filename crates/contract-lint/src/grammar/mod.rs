//! What OpenAPI 3.0 allows where: the objects of its specification, their fields, and what each field holds.

mod objects;

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

impl Kind {
    /// The object's fields.
    pub fn object(self) -> &'static Object {
        match self {
            Self::Root => &objects::ROOT_OBJECT,
            Self::Info => &objects::INFO_OBJECT,
            Self::Contact => &objects::CONTACT_OBJECT,
            Self::License => &objects::LICENSE_OBJECT,
            Self::Server => &objects::SERVER_OBJECT,
            Self::ServerVariable => &objects::SERVER_VARIABLE_OBJECT,
            Self::Paths => &objects::PATHS_OBJECT,
            Self::PathItem => &objects::PATH_ITEM_OBJECT,
            Self::Operation => &objects::OPERATION_OBJECT,
            Self::ExternalDocs => &objects::EXTERNAL_DOCS_OBJECT,
            Self::Parameter => &objects::PARAMETER_OBJECT,
            Self::Header => &objects::HEADER_OBJECT,
            Self::RequestBody => &objects::REQUEST_BODY_OBJECT,
            Self::MediaType => &objects::MEDIA_TYPE_OBJECT,
            Self::Encoding => &objects::ENCODING_OBJECT,
            Self::Responses => &objects::RESPONSES_OBJECT,
            Self::Response => &objects::RESPONSE_OBJECT,
            Self::Callback => &objects::CALLBACK_OBJECT,
            Self::Example => &objects::EXAMPLE_OBJECT,
            Self::Link => &objects::LINK_OBJECT,
            Self::Components => &objects::COMPONENTS_OBJECT,
            Self::Tag => &objects::TAG_OBJECT,
            Self::Schema => &objects::SCHEMA_OBJECT,
            Self::Discriminator => &objects::DISCRIMINATOR_OBJECT,
            Self::Xml => &objects::XML_OBJECT,
            Self::SecurityScheme => &objects::SECURITY_SCHEME_OBJECT,
            Self::OauthFlows => &objects::OAUTH_FLOWS_OBJECT,
            Self::OauthFlow => &objects::OAUTH_FLOW_OBJECT,
            Self::SecurityRequirement => &objects::SECURITY_REQUIREMENT_OBJECT,
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
