//! Rules on `$ref`.

use std::collections::HashSet;

use contract::load::Node;

use super::context::Context;
use super::grammar::{Kind, SECTIONS};
use super::nearest::nearest;
use super::rule::Findings;

pub(super) fn external_reference(context: &Context<'_>, findings: &mut Findings<'_>) {
    for reference in &context.references {
        let Some(target) = reference.target() else { continue };
        if !target.starts_with('#') {
            findings.add(reference.entry.value_span(), format!("`{target}` leads out of this file"));
        }
    }
}

pub(super) fn path_item_reference(context: &Context<'_>, findings: &mut Findings<'_>) {
    for reference in context.references.iter().filter(|reference| reference.kind == Kind::PathItem) {
        findings.add(reference.entry.key.span, "a path item is a reference");
    }
}

pub(super) fn dangling_reference(context: &Context<'_>, findings: &mut Findings<'_>) {
    for reference in &context.references {
        let Some(target) = reference.target() else { continue };
        let Some(pointer) = target.strip_prefix('#') else { continue };
        if context.document.pointer(pointer).is_some() {
            continue;
        }
        let message = format!("`{target}` leads nowhere");
        match suggestion(context, target, reference.kind) {
            Some(near) => {
                findings.add_with(reference.entry.value_span(), message, format!("did you mean `{near}`?"));
            }
            None => findings.add(reference.entry.value_span(), message),
        }
    }
}

/// The component of this kind whose name comes nearest.
fn suggestion(context: &Context<'_>, target: &str, kind: Kind) -> Option<String> {
    let section = kind.section()?;
    let name = target.rsplit('/').next()?;
    let components = context.root.get("components")?.get(section)?;
    let near = nearest(name, components.entries().map(|entry| entry.key.text.as_str()))?;
    Some(format!("#/components/{section}/{near}"))
}

/// The section and name of a reference to a component.
fn component(target: &str) -> Option<(&str, &str)> {
    let (section, name) = target.strip_prefix("#/components/")?.split_once('/')?;
    (!name.contains('/')).then_some((section, name))
}

pub(super) fn reference_target(context: &Context<'_>, findings: &mut Findings<'_>) {
    for reference in &context.references {
        let Some(target) = reference.target() else { continue };
        let Some(section) = reference.kind.section() else { continue };
        if !target.starts_with('#') || context.document.pointer(&target[1..]).is_none() {
            continue;
        }
        match component(target) {
            Some((of, _)) if of == section => {}
            Some((of, _)) if SECTIONS.iter().any(|(known, _)| *known == of) => findings.add_with(
                reference.entry.value_span(),
                format!("{} is wanted here, and `{target}` is one of the {of}", reference.kind.object().title),
                format!("refer to something under `#/components/{section}/`"),
            ),
            _ => findings
                .add(reference.entry.value_span(), format!("`{target}` leads to something without a name of its own")),
        }
    }
}

pub(super) fn reference_cycle(context: &Context<'_>, findings: &mut Findings<'_>) {
    for reference in &context.references {
        let mut seen: HashSet<*const Node> = HashSet::new();
        let mut node = reference.node;
        loop {
            if !seen.insert(std::ptr::from_ref(node)) {
                // Every reference of the circle meets itself again; others only lead into it.
                if std::ptr::eq(node, reference.node) {
                    findings.add(
                        reference.entry.value_span(),
                        "these references lead in a circle, with nothing at the end",
                    );
                }
                break;
            }
            let next = node.get("$ref").and_then(Node::as_str).and_then(|target| target.strip_prefix('#'));
            match next.and_then(|pointer| context.document.pointer(pointer)) {
                Some(next) => node = next,
                None => break,
            }
        }
    }
}

pub(super) fn reference_siblings(context: &Context<'_>, findings: &mut Findings<'_>) {
    for reference in &context.references {
        for entry in reference.node.entries().filter(|entry| entry.key.text != "$ref") {
            let key = &entry.key.text;
            let message = format!("`{key}` is next to `$ref` and is ignored by every reader of OpenAPI 3.0");
            if reference.kind == Kind::Schema {
                findings.add(entry.key.span, message);
            } else {
                findings.add_with(
                    entry.key.span,
                    message,
                    format!("take `{key}` out, or put it where the reference leads"),
                );
            }
        }
    }
}
