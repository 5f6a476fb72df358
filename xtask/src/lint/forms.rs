//! The rule on forms of a resource that are sent back.

use super::Findings;
use super::context::{Context, WIRE_TYPE};
use super::names::nearest;
use crate::load::Node;

/// Names the form in which a resource is sent back.
pub(super) const SENT_BACK_AS: &str = "x-sent-back-as";

pub(super) fn sent_back_as(context: &Context<'_>, findings: &mut Findings<'_>) {
    let schemas = context.root.get("components").and_then(|components| components.get("schemas"));
    let names = || schemas.map_or_else(|| [].iter(), Node::entries).map(|entry| entry.key.text.as_str());
    for site in context.schemas() {
        let Some(entry) = site.node.entry(SENT_BACK_AS) else { continue };
        let written = entry.value.as_str().unwrap_or_default();
        if !context.is_component(site) {
            findings.add(entry.key.span, "only a named schema has a form that is sent back");
        } else if !names().any(|name| name == written) {
            let help = match nearest(written, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name a schema under `components/schemas`".to_owned(),
            };
            findings.add_with(entry.value_span(), format!("there is no schema `{written}`"), help);
        } else if let Some(written) = schemas.and_then(|schemas| schemas.get(written)) {
            fits(context, site.node, written, findings);
        }
    }
}

/// Whether every member of the form that is written can be filled from the one that is read.
fn fits(context: &Context<'_>, read: &Node, written: &Node, findings: &mut Findings<'_>) {
    let is_required = |schema: &Node, name: &str| {
        schema.get("required").is_some_and(|names| names.elements().any(|known| known.as_str() == Some(name)))
    };
    for target in written.get("properties").map_or_else(|| [].iter(), Node::entries) {
        let name = target.key.text.as_str();
        let demanded = is_required(written, name) && !is_nullable(&target.value);
        match read.get("properties").and_then(|members| members.get(name)) {
            None if demanded => findings.add_with(
                target.key.span,
                format!("`{name}` must be sent back, and the form that is read has no such member"),
                "add it to the form that is read, or let it be optional where it is sent back",
            ),
            Some(source) if demanded && (!is_required(read, name) || is_nullable(source)) => findings.add_with(
                target.key.span,
                format!("`{name}` must be sent back, and the form that is read may lack it"),
                "require it in the form that is read too, or let it be optional where it is sent back",
            ),
            Some(source) => {
                let (read, written) = (kind(context, source), kind(context, &target.value));
                if !read.becomes(&written) {
                    findings.add_with(
                        target.key.span,
                        format!("`{name}` is read as {} and sent back as {}", read.in_words(), written.in_words()),
                        "give it the same type in both forms",
                    );
                }
            }
            None => {}
        }
    }
}

fn is_nullable(schema: &Node) -> bool {
    schema.get("nullable").and_then(Node::as_bool) == Some(true)
}

/// What the generator makes a type of its own of, as far as two of them are told apart by it.
#[derive(PartialEq)]
enum FormKind {
    /// A named schema, with the form in which it is sent back; or the wire type that stands in for it.
    Named(String, Option<String>),
    /// An object without a name: each becomes a type of its own.
    Unnamed,
    List(Box<Self>, bool),
    Map(Box<Self>, bool),
    /// Type and format.
    Plain(String),
}

fn kind(context: &Context<'_>, schema: &Node) -> FormKind {
    let inner = |schema: &Node| Box::new(kind(context, schema));
    if let Some(name) = schema.get("$ref").and_then(Node::as_str).and_then(|target| target.rsplit('/').next()) {
        let target = context.resolve(schema);
        let text = |key| Some(target?.get(key)?.as_str()?.to_owned());
        return FormKind::Named(text(WIRE_TYPE).unwrap_or_else(|| name.to_owned()), text(SENT_BACK_AS));
    }
    if let Some([only]) = schema.get("allOf").and_then(Node::as_seq) {
        return kind(context, only);
    }
    let format = schema.get("format").and_then(Node::as_str);
    match (schema.get("type").and_then(Node::as_str), schema.get("items"), schema.get("additionalProperties")) {
        (Some("array"), Some(items), _) => FormKind::List(inner(items), is_nullable(items)),
        (Some("object"), _, Some(values)) if schema.get("properties").is_none() => {
            FormKind::Map(inner(values), is_nullable(values))
        }
        (Some("object"), ..) if schema.get("properties").is_some() => FormKind::Unnamed,
        (plain, ..) => {
            let plain = plain.unwrap_or("any value");
            FormKind::Plain(format.map_or_else(|| plain.to_owned(), |format| format!("{plain} of the format {format}")))
        }
    }
}

impl FormKind {
    fn becomes(&self, written: &Self) -> bool {
        let is_pair = |read: &Self, written: &Self| match (read, written) {
            (Self::Named(_, Some(form)), Self::Named(name, _)) => form == name,
            _ => false,
        };
        match (self, written) {
            (Self::Unnamed, Self::Unnamed) => false,
            (Self::List(read, _), Self::List(written, _)) if is_pair(read, written) => true,
            _ => self == written || is_pair(self, written),
        }
    }

    fn in_words(&self) -> String {
        match self {
            Self::Named(name, _) => format!("`{name}`"),
            Self::Unnamed => "an object without a name".to_owned(),
            Self::List(inner, _) => format!("an array of {}", inner.in_words()),
            Self::Map(inner, _) => format!("a map of {}", inner.in_words()),
            Self::Plain(words) => words.clone(),
        }
    }
}
