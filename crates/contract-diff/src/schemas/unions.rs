//! Compositions of schemas.

use contract::rust::Definition;
use contract::site::Site;

use crate::comparer::{At, Comparer, Delta, InRust, shown};
use crate::verdict::{Effect, OnWire, Shift, Verdict};

impl<'a> Comparer<'a> {
    /// `allOf`, `oneOf` and `anyOf`.
    pub(super) fn unions(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        if let (Some(before), Some(now)) = (old.get("oneOf"), new.get("anyOf")) {
            let summary = "one of several becomes any of several";
            self.report(
                "union-changed",
                at,
                summary,
                [before.location(), now.location()],
                OnWire::both(Shift::Wider),
                at.rust.effect(),
            );
            self.branches(&before, &now, true, at);
            return;
        }
        if let (Some(before), Some(now)) = (old.get("anyOf"), new.get("oneOf")) {
            let summary = "any of several becomes one of several";
            self.report(
                "union-changed",
                at,
                summary,
                [before.location(), now.location()],
                OnWire::both(Shift::Narrower),
                at.rust.effect(),
            );
            self.branches(&before, &now, true, at);
            return;
        }
        for (key, alternatives) in [("allOf", false), ("oneOf", true), ("anyOf", true)] {
            match Delta::of(old, new, key) {
                None => {}
                Some(Delta::Changed(before, now)) => self.branches(&before, &now, alternatives, at),
                Some(delta) => {
                    // The first list of alternatives narrows what was anything; the last one to go frees it.
                    let shift = if matches!(delta, Delta::Added(..)) { Shift::Narrower } else { Shift::Wider };
                    let summary = format!("`{key}` {}", delta.happens());
                    self.report("union-changed", at, summary, delta.locations(), OnWire::both(shift), union_effect(at));
                }
            }
        }
    }

    /// Pairs the branches that are the same, compares the rest in their order, and reports what is left.
    fn branches(&mut self, old: &Site<'a>, new: &Site<'a>, alternatives: bool, at: &At) {
        let same = |before: &Site<'a>, now: &Site<'a>, comparer: &Self| match (
            before.schema_reference(),
            now.schema_reference(),
        ) {
            (Some(before), Some(now)) => comparer.same_schema(before, now),
            _ => before.node.same_value(now.node),
        };
        let mut left: Vec<Site<'a>> = old.elements().collect();
        let mut right: Vec<Site<'a>> = new.elements().collect();
        left.retain(|before| {
            let counterpart = right.iter().position(|now| same(before, now, self));
            if let Some(index) = counterpart {
                right.remove(index);
            }
            counterpart.is_none()
        });
        let inline = |sites: &[Site<'a>]| -> Vec<Site<'a>> {
            sites.iter().filter(|site| site.reference().is_none()).cloned().collect()
        };
        for (before, now) in inline(&left).iter().zip(inline(&right)) {
            left.retain(|site| site.pointer != before.pointer);
            right.retain(|site| site.pointer != now.pointer);
            let part = if at.part.is_empty() { "a branch".to_owned() } else { format!("{}, a branch", at.part) };
            let rust = match &at.rust {
                // A part of an `allOf` adds its members to the struct around it.
                rust if !alternatives => rust.clone(),
                rust => rust.inner("Variant"),
            };
            let inner = At { part, rust, ..at.clone() };
            self.schema(before, &now, &inner);
        }
        let (added, removed) =
            if alternatives { (Shift::Wider, Shift::Narrower) } else { (Shift::Narrower, Shift::Wider) };
        let title = |site: &Site<'a>| site.schema_reference().map_or_else(|| shown(site), |name| format!("`{name}`"));
        for site in right {
            let summary = format!("branch {} added", title(&site));
            let rust = if alternatives { variant_added_effect(at, &site) } else { union_effect(at) };
            self.report("branch-added", at, summary, [old.around(), site.location()], OnWire::both(added), rust);
        }
        for site in left {
            let summary = format!("branch {} removed", title(&site));
            self.report(
                "branch-removed",
                at,
                summary,
                [site.location(), new.around()],
                OnWire::both(removed),
                union_effect(at),
            );
        }
    }
}

/// What another set of branches does in Rust, where they are the variants of an enum or the members of a struct.
fn union_effect(at: &At) -> Effect {
    match &at.rust {
        InRust::Defined { types: [_, now], definitions: [before, after], .. }
            if before == after && *after != Definition::Wire =>
        {
            Effect::new(Verdict::Major, format!("`{now}` has other variants"))
        }
        InRust::Defined {
            types: [_, now],
            definitions: [Definition::Struct(before), Definition::Struct(after)],
            ..
        } => {
            let lost = before.iter().any(|(field, kind)| after.get(field) != Some(kind));
            let verdict = if lost { Verdict::Major } else { Verdict::Minor };
            Effect::new(verdict, format!("`{now}` has other fields"))
        }
        rust => rust.effect(),
    }
}

/// What one alternative more does in Rust.
fn variant_added_effect(at: &At, branch: &Site<'_>) -> Effect {
    match &at.rust {
        // Anything but a number or a boolean takes conversions from text away, or gives the others new names.
        InRust::Defined { types: [_, now], definitions: [Definition::Union, Definition::Union], .. }
            if matches!(branch.text("type"), Some("integer" | "number" | "boolean"))
                && branch.node.get("enum").is_none() =>
        {
            Effect::new(Verdict::Minor, format!("`{now}`, which is non-exhaustive, has one variant more"))
        }
        _ => union_effect(at),
    }
}
