//! The contract as the model of OpenAPI that progenitor takes.

use contract::diagnostic::{Diagnostic, Report};
use contract::load::{Document, Node};
use contract::operations::is_method;
use openapiv3::OpenAPI;
use serde::Deserialize as _;

/// The rule that the model's own findings go by.
pub(super) const MODEL: &str = "openapi-model";

/// The tree as the model that progenitor takes, in the order of the text.
///
/// # Errors
/// When the model can't hold the document. A document that passed lint has no such part.
pub fn to_openapi(document: &Document) -> Result<OpenAPI, Report> {
    OpenAPI::deserialize(document.tree())
        .map_err(|error| Report::new(document.source().clone(), vec![model_finding(document, &error)]))
}

/// The last check: the model of OpenAPI can't hold the document, and no rule reported why. The parts are tried one by one to
/// find the position.
fn model_finding(document: &Document, error: &dyn std::fmt::Display) -> Diagnostic {
    fn fails<'a, T: serde::Deserialize<'a>>(node: &'a Node) -> Option<String> {
        T::deserialize(node).err().map(|error| error.to_string())
    }
    let schemas = document.pointer("/components/schemas").map_or_else(|| [].iter(), Node::entries);
    let paths = document.pointer("/paths").map_or_else(|| [].iter(), Node::entries);
    let operations = paths.flat_map(|path| path.value.entries());
    let (position, reason) = schemas
        .filter_map(|entry| Some((entry, fails::<openapiv3::ReferenceOr<openapiv3::Schema>>(&entry.value)?)))
        .chain(
            operations
                .filter(|entry| is_method(&entry.key.text))
                .filter_map(|entry| Some((entry, fails::<openapiv3::Operation>(&entry.value)?))),
        )
        .map(|(entry, reason)| (entry.key.span, reason))
        .next()
        .unwrap_or_else(|| {
            let components = document
                .tree()
                .entry("components")
                .filter(|entry| openapiv3::Components::deserialize(&entry.value).is_err());
            let position = components.map_or_else(|| document.source().span(0, 0), |entry| entry.key.span);
            (position, error.to_string())
        });
    Diagnostic::error(
        MODEL,
        document.source(),
        position,
        format!("this doesn't match the model of OpenAPI 3.0: {reason}"),
    )
    .with_help("compare it with the specification of OpenAPI 3.0.3; if it is right there, a rule is missing here")
}
