//! The rule on forms of a resource that are sent back.

use std::collections::BTreeMap;

use contract::forms::{inside, moved};
use contract::load::{Document, Entry, Node};
use contract::rust::{Definition, member_type, members};
use contract::site::Site;
use syn::Type;

use super::context::Context;
use super::nearest::nearest;
use super::rule::Findings;
use super::validator::position;

/// Names the form in which a resource is sent back.
pub(super) const SENT_BACK_AS: &str = "x-sent-back-as";

pub(super) fn sent_back_as(context: &Context<'_>, findings: &mut Findings<'_>) {
    let schemas = context.root.get("components").and_then(|components| components.get("schemas"));
    let names = || schemas.map_or_else(|| [].iter(), Node::entries).map(|entry| entry.key.text.as_str());
    let pairs = pairs(schemas);
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
        } else if let Some(read) = site.name() {
            matches(context.document, entry, [read, written], &pairs, findings);
        }
    }
}

/// The names of the schemas that are sent back in another form, each with that form's.
fn pairs(schemas: Option<&Node>) -> Vec<(String, String)> {
    let entries = schemas.map_or_else(|| [].iter(), Node::entries);
    let pair = |entry: &Entry| Some((entry.key.text.clone(), entry.value.get(SENT_BACK_AS)?.as_str()?.to_owned()));
    entries.filter_map(pair).collect()
}

/// Whether every member of the form that is written can be filled from the one that is read.
fn matches(
    document: &Document,
    entry: &Entry,
    names: [&str; 2],
    pairs: &[(String, String)],
    findings: &mut Findings<'_>,
) {
    let forms = names.map(|name| (name, fields(document, name)));
    for (name, _) in forms.iter().filter(|(_, fields)| fields.is_none()) {
        findings.add_with(
            entry.value_span(),
            format!("`{name}` has no members that could be sent back"),
            "name forms that have members",
        );
    }
    let [(_, Some(sources)), (_, Some(targets))] = forms else { return };
    for (name, (target, kind)) in targets {
        let source = sources.get(name).map(|(_, kind)| kind);
        if let Some((problem, help)) = misfit(source, &kind, pairs) {
            findings.add_with(position(document, &target.pointer), format!("`{name}` {problem}"), help);
        }
    }
}

/// The members of a named schema by their names on the wire, each with the type of its field.
fn fields<'a>(document: &'a Document, name: &str) -> Option<BTreeMap<&'a str, (Site<'a>, String)>> {
    let schema = Site::schema(document, name)?;
    let Definition::Struct(_) = Definition::of(&schema, name) else { return None };
    let typed = members(&schema).into_iter().map(|member| {
        let kind = member_type(&member.site, member.required.is_some(), name, member.name);
        (member.name, (member.site, kind))
    });
    Some(typed.collect())
}

/// What is wrong with a member that is sent back, and what to do about it. What the emitter goes by is asked, so that both
/// can't disagree.
fn misfit(source: Option<&String>, target: &str, pairs: &[(String, String)]) -> Option<(String, &'static str)> {
    // A type that can't be read has a name that is invalid in Rust, which has rules of its own.
    let to: Type = syn::parse_str(target).ok()?;
    let Some(source) = source else {
        return inside(&to, "Option").is_none().then(|| {
            let problem = "must be sent back, and the form that is read has no such member".to_owned();
            (problem, "add it to the form that is read, or let it be optional where it is sent back")
        });
    };
    let from: Type = syn::parse_str(source).ok()?;
    if moved(&from, &to, pairs).is_some() {
        None
    } else if inside(&from, "Option").is_some_and(|from| moved(from, &to, pairs).is_some()) {
        let problem = "must be sent back, and the form that is read may lack it".to_owned();
        Some((problem, "require it in the form that is read too, or let it be optional where it is sent back"))
    } else {
        Some((format!("is read as `{source}` and sent back as `{target}`"), "give it the same type in both forms"))
    }
}
