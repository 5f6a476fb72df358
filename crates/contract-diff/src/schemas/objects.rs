//! Elements and members, and the struct that they make.

use std::collections::{BTreeMap, BTreeSet};

use contract::rust::{self, Definition, Schema};
use contract::site::Site;

use crate::arguments;
use crate::comparable::Carrier;
use crate::comparer::{At, Comparer, Delta, InRust};
use crate::verdict::{Effect, OnWire, Shift, Verdict};

impl<'a> Comparer<'a> {
    pub(super) fn items(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        match Delta::of(old, new, "items") {
            None => {}
            Some(Delta::Changed(before, now)) => {
                let part =
                    if at.part.is_empty() { "the elements".to_owned() } else { format!("{}, its elements", at.part) };
                let inner = At { part, rust: at.rust.inner("Item"), ..at.clone() };
                self.schema(&before, &now, &inner);
            }
            Some(delta) => {
                let shift = if matches!(delta, Delta::Added(..)) { Shift::Narrower } else { Shift::Wider };
                let summary = format!("the schema of its elements, {}", delta.happens());
                self.report("items-changed", at, summary, delta.locations(), OnWire::both(shift), at.rust.effect());
            }
        }
    }

    pub(super) fn object(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        self.members(old, new, at);
        self.additional(old, new, at);
    }

    /// Members that no name is listed for.
    fn additional(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        let Some(delta) = Delta::of(old, new, "additionalProperties") else { return };
        // Nothing, `true` and `{}` are the same: anything.
        let allowed = |site: &Site<'a>| match site.get("additionalProperties") {
            Some(value) if value.node.as_bool() == Some(false) => 0,
            Some(value) if value.node.entries().next().is_some() => 1,
            None | Some(_) => 2,
        };
        match (allowed(old), allowed(new), &delta) {
            (1, 1, Delta::Changed(before, now)) => {
                let part =
                    if at.part.is_empty() { "the values".to_owned() } else { format!("{}, its values", at.part) };
                let inner = At { part, rust: at.rust.inner("Value"), ..at.clone() };
                self.schema(before, now, &inner);
            }
            (before, now, _) if before != now => {
                let shift = if now > before { Shift::Wider } else { Shift::Narrower };
                let summary = format!(
                    "members that aren't listed, {}",
                    if now > before { "more allowed" } else { "less allowed" }
                );
                self.report("unlisted-members", at, summary, delta.locations(), OnWire::both(shift), at.rust.effect());
            }
            _ => {}
        }
    }

    fn members(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        let own = |site: &Site<'a>| -> BTreeMap<&'a str, (Site<'a>, bool)> {
            let required: BTreeSet<&str> = site.texts("required").into_iter().collect();
            let members =
                site.get("properties").map(|members| members.entries().collect::<Vec<_>>()).unwrap_or_default();
            members.into_iter().map(|(name, member)| (name, (member, required.contains(name)))).collect()
        };
        let (before, now) = (own(old), own(new));
        let object = Object::of(old, new, at);
        let around = |site: &Site<'a>| site.get("properties").unwrap_or_else(|| site.clone());
        for (name, (site, required)) in &now {
            match before.get(name) {
                Some(member) => self.member(name, member, &(site.clone(), *required), &object, at),
                None => self.member_added(name, (site, *required), &around(old), &object, at),
            }
        }
        for (name, (site, _)) in &before {
            if !now.contains_key(name) {
                self.member_removed(name, site, &around(new), &object, at);
            }
        }
        self.constructor_order([old, new], &object, at);
        // Names that are required without being listed bind messages, and nothing in Rust.
        let unlisted = |site: &Site<'a>, listed: &BTreeMap<&str, (Site<'a>, bool)>| -> BTreeSet<&'a str> {
            site.texts("required").into_iter().filter(|name| !listed.contains_key(name)).collect()
        };
        let (before, now) = (unlisted(old, &before), unlisted(new, &now));
        for name in before.symmetric_difference(&now) {
            let shift = if now.contains(name) { Shift::Narrower } else { Shift::Wider };
            let summary = if now.contains(name) { "is required" } else { "is no longer required" };
            let at = At { part: member_part(at, name), ..at.clone() };
            let locations = [
                old.get("required").unwrap_or_else(|| old.clone()).around(),
                new.get("required").unwrap_or_else(|| new.clone()).around(),
            ];
            let rust = Effect::new(Verdict::None, "the member isn't listed, so it has no field");
            self.report("member-required", &at, summary, locations, OnWire::both(shift), rust);
        }
    }

    /// The order of what the constructor takes in both contracts.
    fn constructor_order(&mut self, [old, new]: [&Site<'a>; 2], object: &Object, at: &At) {
        if object.fields.is_none() {
            return;
        }
        let names = |site: &Site<'a>, name: &str| -> Vec<String> {
            rust::arguments(site, name).into_iter().map(|(member, _)| rust::field_name(member.name)).collect()
        };
        let (before, now) = (names(old, &object.names[0]), names(new, &object.names[1]));
        let function = format!("{}::new", object.label);
        let Some(rust) = arguments::reordered(&function, &before, &now) else { return };
        let list = |site: &Site<'a>| site.get("required").unwrap_or_else(|| site.clone()).location();
        let locations = [list(old), list(new)];
        let summary = "required members in another order";
        self.report("arguments-reordered", at, summary, locations, OnWire::both(Shift::Words), rust);
    }

    fn member_added(
        &mut self,
        name: &str,
        (site, required): (&Site<'a>, bool),
        around: &Site<'a>,
        object: &Object,
        at: &At,
    ) {
        let schema = Schema::new(site);
        let carrier = narrowed(&at.carrier, &schema);
        let wire = if required {
            OnWire::each(Shift::Narrower, Shift::Foreseen).described(
                "requests without it may be rejected",
                "responses hold one member more; readers skip what they don't know",
            )
        } else {
            OnWire::each(Shift::Wider, Shift::Foreseen)
                .described("requests may hold it", "responses may hold it; readers skip what they don't know")
        };
        let rust = object.member_added(name);
        let at = At { part: member_part(at, name), carrier, ..at.clone() };
        let summary = if required { "added, required" } else { "added" };
        self.report("member-added", &at, summary, [around.around(), site.location()], wire, rust);
    }

    fn member_removed(&mut self, name: &str, site: &Site<'a>, around: &Site<'a>, object: &Object, at: &At) {
        let carrier = narrowed(&at.carrier, &Schema::new(site));
        let wire = OnWire::both(Shift::Different).described(
            "the service no longer knows it: what requests hold there is lost or rejected",
            "responses no longer hold it",
        );
        let rust = object.member_removed(name);
        let at = At { part: member_part(at, name), carrier, ..at.clone() };
        self.report("member-removed", &at, "removed", [site.location(), around.around()], wire, rust);
    }

    fn member(&mut self, name: &str, old: &(Site<'a>, bool), new: &(Site<'a>, bool), object: &Object, at: &At) {
        let ((before, was_required), (now, is_required)) = (old, new);
        let rust = object.member(name, before, *was_required, now, *is_required);
        let (schema_before, schema_now) = (Schema::new(before), Schema::new(now));
        // While it is only read before and after, it has no effect on requests.
        let one_way = |flag: &str| schema_before.flag(flag) && schema_now.flag(flag);
        let carrier = if one_way("readOnly") || one_way("writeOnly") {
            narrowed(&at.carrier, &schema_now)
        } else {
            at.carrier.clone()
        };
        let at = At { subject: at.subject.clone(), part: member_part(at, name), carrier, rust };
        if was_required != is_required {
            let (kind, summary, shift) = if *is_required {
                ("member-required", "is required", Shift::Narrower)
            } else {
                ("member-optional", "is no longer required", Shift::Wider)
            };
            let wire = match shift {
                Shift::Narrower => {
                    OnWire::both(shift).described("requests without it may be rejected", "responses always hold it")
                }
                _ => OnWire::both(shift)
                    .described("requests may leave it out", "responses may leave it out, where readers counted on it"),
            };
            self.report(
                kind,
                &at,
                summary,
                [before.location(), now.location()],
                wire,
                object.required_effect(name, &at.rust),
            );
        }
        self.schema(before, now, &at);
    }
}

/// The struct around members, old and new.
struct Object {
    /// Its fields, where it is a struct before and after.
    fields: Option<[BTreeMap<String, String>; 2]>,
    /// What it is called.
    label: String,
    names: [String; 2],
    had_default: bool,
    has_default: bool,
    /// What a change does where it isn't a struct before and after.
    otherwise: Effect,
}

impl Object {
    fn of(old: &Site<'_>, new: &Site<'_>, at: &At) -> Self {
        let none = |label: String, names: [String; 2]| Self {
            fields: None,
            label,
            names,
            had_default: false,
            has_default: false,
            otherwise: at.rust.effect(),
        };
        match &at.rust {
            InRust::Settled(_) => none(String::new(), [String::new(), String::new()]),
            InRust::Defined { types, names, definitions: [before, now] } => match (before, now) {
                (Definition::Struct(fields_before), Definition::Struct(fields_now)) => Self {
                    fields: Some([fields_before.clone(), fields_now.clone()]),
                    had_default: before.has_default(),
                    has_default: now.has_default(),
                    ..none(types[1].clone(), names.clone())
                },
                _ => none(types[1].clone(), names.clone()),
            },
            InRust::Typed { label, names, .. } => {
                let definitions = [Definition::of(old, &names[0]), Definition::of(new, &names[1])];
                match &definitions {
                    [Definition::Struct(before), Definition::Struct(now)] => Self {
                        fields: Some([before.clone(), now.clone()]),
                        had_default: definitions[0].has_default(),
                        has_default: definitions[1].has_default(),
                        ..none(rust::type_of(new, &names[1]), names.clone())
                    },
                    _ => none(label.clone(), names.clone()),
                }
            }
        }
    }

    fn member_added(&self, name: &str) -> Effect {
        let Some([before, now]) = &self.fields else { return self.otherwise.clone() };
        let field = rust::field_name(name);
        let kind = now.get(&field).cloned().unwrap_or_default();
        let label = &self.label;
        if before.get(&field) == Some(&kind) {
            Effect::new(Verdict::Patch, format!("the field `{field}` is called otherwise on the wire"))
        } else if self.had_default && !self.has_default {
            Effect::new(
                Verdict::Major,
                format!(
                    "`{label}::new()` takes a new argument, `{field}` of type `{kind}`, and there is no `Default` any more"
                ),
            )
        } else if kind.starts_with("Option<") {
            Effect::new(
                Verdict::Minor,
                format!("`{label}` has a new field, `{field}` of type `{kind}`, and its setter"),
            )
        } else {
            Effect::new(Verdict::Major, format!("`{label}::new()` takes a new argument, `{field}` of type `{kind}`"))
        }
    }

    fn member_removed(&self, name: &str) -> Effect {
        let Some([before, now]) = &self.fields else { return self.otherwise.clone() };
        let field = rust::field_name(name);
        match (before.get(&field), now.get(&field)) {
            (Some(kind), Some(other)) if kind == other => {
                Effect::new(Verdict::Patch, format!("the field `{field}` is called otherwise on the wire"))
            }
            _ => Effect::new(Verdict::Major, format!("the field `{}.{field}` is gone", self.label)),
        }
    }

    fn member(&self, name: &str, old: &Site<'_>, was_required: bool, new: &Site<'_>, is_required: bool) -> InRust {
        if self.fields.is_none() {
            return InRust::Settled(self.otherwise.clone());
        }
        let [before, now] = [(old, was_required, &self.names[0]), (new, is_required, &self.names[1])];
        InRust::Typed {
            label: format!("the field `{}.{}`", self.label, rust::field_name(name)),
            types: [
                rust::member_type(before.0, before.1, before.2, name),
                rust::member_type(now.0, now.1, now.2, name),
            ],
            names: [format!("{}-{name}", before.2), format!("{}-{name}", now.2)],
            documented: true,
        }
    }

    /// What it does that a member must be there, or no longer must.
    fn required_effect(&self, name: &str, rust: &InRust) -> Effect {
        if self.fields.is_none() {
            self.otherwise.clone()
        } else {
            let effect = rust.effect();
            if effect.verdict == Verdict::None {
                // An `Option` either way; but a reader insists on it, or no longer does.
                Effect::new(
                    Verdict::Patch,
                    format!("the field `{}` is an `Option` either way, and is read otherwise", rust::field_name(name)),
                )
            } else {
                effect
            }
        }
    }
}

fn member_part(at: &At, name: &str) -> String {
    if at.part.is_empty() { format!("member `{name}`") } else { format!("{}, its member `{name}`", at.part) }
}

/// The carrier without the way that a member doesn't go which is only read or only written.
fn narrowed(carrier: &Carrier, schema: &Schema<'_>) -> Carrier {
    let mut carrier = carrier.clone();
    if schema.flag("readOnly") {
        carrier.direction = carrier.direction.without_requests();
    }
    if schema.flag("writeOnly") {
        carrier.direction = carrier.direction.without_responses();
    }
    carrier
}
