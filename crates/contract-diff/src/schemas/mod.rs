//! Schemas: what values they allow, and what they become in Rust.

mod objects;
mod unions;
mod values;

use std::collections::BTreeSet;

use contract::rust::{self, Definition, Schema};
use contract::site::{Location, SCHEMAS, Site};

use crate::comparable::{Carrier, Contract};
use crate::comparer::{At, Comparer, Delta, InRust, other_words, shown};
use crate::verdict::{Effect, OnWire, Shift, Verdict};

/// Keys that hold only words.
const WORDS: [&str; 7] = ["title", "description", "example", "examples", "externalDocs", "xml", "discriminator"];

/// Keys that are compared by their meaning; everything else is reported as it is.
const KNOWN: [&str; 41] = [
    "title",
    "description",
    "example",
    "examples",
    "externalDocs",
    "xml",
    "discriminator",
    "$ref",
    "type",
    "format",
    "nullable",
    "readOnly",
    "writeOnly",
    "deprecated",
    "default",
    "enum",
    "x-extensible-enum",
    "x-rust-wire",
    "x-sent-back-as",
    "x-same-typed-arguments",
    "x-critical",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "allOf",
    "oneOf",
    "anyOf",
];

impl<'a> Comparer<'a> {
    /// Compares all named schemas.
    pub(super) fn schemas(&mut self) {
        let (old, new) = (self.old.components("schemas"), self.new.components("schemas"));
        let renamed: BTreeSet<&str> = self.renamed.values().map(String::as_str).collect();
        let renamed: BTreeSet<String> = renamed.into_iter().map(str::to_owned).collect();
        for (name, site) in &new {
            if !old.contains_key(name) && !renamed.contains(*name) {
                self.schema_added(name, site);
            }
        }
        for (name, site) in &old {
            let new_name = self.renamed.get(*name).cloned().unwrap_or_else(|| (*name).to_owned());
            match new.get(new_name.as_str()) {
                Some(now) => self.named_schema((name, site), (&new_name, now)),
                None => self.schema_removed(name, site),
            }
        }
    }

    fn schema_added(&mut self, name: &str, site: &Site<'a>) {
        let at = At {
            subject: format!("schema {name}"),
            part: String::new(),
            carrier: self.new.carrier(name),
            rust: InRust::nowhere(""),
        };
        let around = schemas_of(self.old);
        let kind = rust::component_type(Some(site), name);
        let rust = if Definition::of(site, name) == Definition::Wire {
            Effect::new(Verdict::None, format!("`{kind}` is written by hand"))
        } else {
            Effect::new(Verdict::Minor, format!("a new type, `{kind}`"))
        };
        let wire = OnWire::both(Shift::Foreseen)
            .described("requests can hold what is described here", "responses can hold what is described here");
        let wire = if at.carrier.operations.is_empty() { OnWire::both(Shift::Different) } else { wire };
        self.report("schema-added", &at, "added", [around.around(), site.location()], wire, rust);
    }

    fn schema_removed(&mut self, name: &str, site: &Site<'a>) {
        let at = At {
            subject: format!("schema {name}"),
            part: String::new(),
            // The changes of what carried it are reported there.
            carrier: Carrier::default(),
            rust: InRust::nowhere(""),
        };
        let around = schemas_of(self.new);
        let kind = rust::component_type(Some(site), name);
        let rust = if Definition::of(site, name) == Definition::Wire {
            Effect::new(Verdict::None, format!("`{kind}` is written by hand"))
        } else {
            Effect::new(Verdict::Major, format!("the type `{kind}` is gone"))
        };
        let wire = OnWire::both(Shift::Words);
        self.report("schema-removed", &at, "removed", [site.location(), around.around()], wire, rust);
    }

    fn named_schema(&mut self, (old_name, old): (&str, &Site<'a>), (new_name, new): (&str, &Site<'a>)) {
        if old_name == new_name && old.node.same_value(new.node) && self.renamed.is_empty() {
            return;
        }
        let types = [rust::component_type(Some(old), old_name), rust::component_type(Some(new), new_name)];
        let at = At {
            subject: format!("schema {new_name}"),
            part: String::new(),
            carrier: self.old.carrier(old_name).and(self.new.carrier(new_name)),
            rust: InRust::Defined {
                types: types.clone(),
                names: [old_name.to_owned(), new_name.to_owned()],
                definitions: [Definition::of(old, old_name), Definition::of(new, new_name)],
            },
        };
        if old_name != new_name {
            let rust = if types[0] == types[1] {
                Effect::new(Verdict::None, format!("`{}` keeps its name", types[0]))
            } else {
                Effect::new(Verdict::Major, format!("the type `{}` is now called `{}`", types[0], types[1]))
            };
            let summary = format!("renamed from `{old_name}`");
            self.report(
                "schema-renamed",
                &at,
                summary,
                [old.location(), new.location()],
                OnWire::both(Shift::Words),
                rust,
            );
        }
        self.schema(old, new, &at);
        self.sent_back_as(old, new, &at);
    }

    /// The conversion from the form that is read to the form that is sent back.
    fn sent_back_as(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        let Some(delta) = Delta::of(old, new, "x-sent-back-as") else { return };
        if let Delta::Changed(before, now) = &delta
            && let (Some(before), Some(now)) = (before.node.as_str(), now.node.as_str())
            && self.same_schema(before, now)
        {
            return;
        }
        let rust = match &delta {
            Delta::Added(_, form) => Effect::new(Verdict::Minor, format!("a new conversion into {}", shown(form))),
            Delta::Removed(form, _) | Delta::Changed(form, _) => {
                Effect::new(Verdict::Major, format!("the conversion into {} is gone", shown(form)))
            }
        };
        let summary = match &delta {
            Delta::Added(_, form) => format!("what was read can be sent back as {}", shown(form)),
            Delta::Removed(form, _) => format!("what was read can no longer be sent back as {}", shown(form)),
            Delta::Changed(before, now) => {
                format!("what was read is sent back as {}, no longer as {}", shown(now), shown(before))
            }
        };
        self.report("sent-back-as", at, summary, delta.locations(), OnWire::both(Shift::Words), rust);
    }

    /// Compares two schemas at the same location.
    pub(super) fn schema(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        let (old, new) = (Schema::new(old), Schema::new(new));
        self.schema_words(&old, &new, at);
        self.flags(&old, &new, at);
        match (old.core.schema_reference(), new.core.schema_reference()) {
            (Some(before), Some(now)) if self.same_schema(before, now) => {}
            (None, None) if old.core.reference().is_none() && new.core.reference().is_none() => {
                self.structure(&old.core, &new.core, at);
            }
            _ => self.reference(&old, &new, at),
        }
    }

    fn schema_words(&mut self, old: &Schema<'a>, new: &Schema<'a>, at: &At) {
        for key in WORDS {
            let Some(delta) = attribute_delta(old, new, key) else { continue };
            // A title names the type of an inner schema; then it is more than a word.
            let rust = match (key, at.rust.effect()) {
                ("description", _) => at.rust.words(),
                ("title", effect) if effect.verdict > Verdict::None => effect,
                _ => other_words(false),
            };
            self.words_of(&delta, key, at, rust);
        }
    }

    /// The attributes of a schema's value other than its structure.
    fn flags(&mut self, old: &Schema<'a>, new: &Schema<'a>, at: &At) {
        let changed = |key: &str| (old.flag(key) != new.flag(key)).then(|| new.flag(key));
        let locations = |key: &str| attribute_locations(old, new, key);
        if let Some(nullable) = changed("nullable") {
            let (kind, summary, shift) = if nullable {
                ("nullable-added", "may be null", Shift::Wider)
            } else {
                ("nullable-removed", "may no longer be null", Shift::Narrower)
            };
            let wire = match shift {
                Shift::Wider => {
                    OnWire::both(shift).described("requests may hold null", "responses may hold null where they didn't")
                }
                _ => OnWire::both(shift)
                    .described("requests that hold null may be rejected", "responses no longer hold null"),
            };
            self.report(kind, at, summary, locations("nullable"), wire, at.rust.effect());
        }
        if let Some(read_only) = changed("readOnly") {
            let (kind, summary, shift) = if read_only {
                ("read-only-added", "is only read now", Shift::Narrower)
            } else {
                ("read-only-removed", "is no longer only read", Shift::Wider)
            };
            let wire = OnWire::each(shift, Shift::Words);
            self.report(kind, at, summary, locations("readOnly"), wire, at.rust.effect());
        }
        if let Some(write_only) = changed("writeOnly") {
            let (kind, summary, shift) = if write_only {
                ("write-only-added", "is only written now", Shift::Different)
            } else {
                ("write-only-removed", "is no longer only written", Shift::Foreseen)
            };
            let wire = OnWire::each(Shift::Words, shift);
            self.report(kind, at, summary, locations("writeOnly"), wire, at.rust.effect());
        }
        if let Some(critical) = changed("x-critical") {
            let (kind, summary, effect) = if critical {
                ("critical-added", "has to be readable now", "a value of another type fails the response")
            } else {
                ("critical-removed", "no longer has to be readable", "a value of another type is set aside")
            };
            let rust = Effect::new(Verdict::Patch, effect);
            self.report(kind, at, summary, locations("x-critical"), OnWire::both(Shift::Words), rust);
        }
        if let Some(deprecated) = changed("deprecated") {
            self.deprecation(deprecated, locations("deprecated"), at);
        }
        if let Some(delta) = attribute_delta(old, new, "default") {
            self.default(&delta, at);
        }
    }

    pub(super) fn deprecation(&mut self, deprecated: bool, locations: [Location; 2], at: &At) {
        let rust = Effect::new(Verdict::None, "nothing is marked in the generated code");
        if deprecated {
            // Its users are asked to leave it, which is more than other words.
            let wire = OnWire::both(Shift::Foreseen)
                .described("stays valid, and is going to go", "still comes, and is going to go");
            self.report("deprecated", at, "deprecated", locations, wire, rust);
        } else {
            self.report(
                "deprecation-withdrawn",
                at,
                "no longer deprecated",
                locations,
                OnWire::both(Shift::Words),
                rust,
            );
        }
    }

    fn default(&mut self, delta: &Delta<'a>, at: &At) {
        let (kind, wire) = match delta {
            Delta::Added(..) => (
                "default-added",
                OnWire::both(Shift::Foreseen).described(
                    "documents what absence means to the service",
                    "documents what absence in a response means",
                ),
            ),
            Delta::Removed(..) | Delta::Changed(..) => (
                "default-changed",
                OnWire::both(Shift::Different).described(
                    "a request that leaves it out no longer means the same",
                    "a response that leaves it out no longer means the same",
                ),
            ),
        };
        self.report(kind, at, format!("default {}", delta.transition()), delta.locations(), wire, at.rust.effect());
    }

    /// A reference that leads elsewhere, or replaces a schema: what matters is what is behind it.
    fn reference(&mut self, old: &Schema<'a>, new: &Schema<'a>, at: &At) {
        let (before, now) = (old.core.resolved(), new.core.resolved());
        let pair = (before.pointer.clone(), now.pointer.clone());
        let found = if self.open.insert(pair.clone()) {
            let found = self.found_by(|comparer| comparer.schema(&before, &now, at));
            self.open.remove(&pair);
            found
        } else {
            Vec::new()
        };
        let rust = at.rust.effect();
        let meaning: Vec<_> = found.iter().filter(|change| change.kind != "words").collect();
        if meaning.is_empty() && rust.verdict == Verdict::None {
            return;
        }
        let verdict = meaning.iter().map(|change| change.wire.verdict).max().unwrap_or_default();
        let target = |core: &Site<'_>| {
            core.schema_reference().map_or_else(|| "a schema of its own".to_owned(), |name| format!("schema `{name}`"))
        };
        let summary = format!("{} becomes {}", target(&old.core), target(&new.core));
        let wire = OnWire::both(Shift::Words);
        let locations = [old.core.location(), new.core.location()];
        self.report("reference-changed", at, summary, locations, wire, rust);
        if let Some(change) = self.changes.last_mut()
            && verdict > Verdict::None
        {
            let mut effects: Vec<String> =
                meaning.iter().map(|change| format!("{} ({})", change.summary, change.wire.effect)).collect();
            effects.truncate(3);
            change.wire = Effect::new(verdict, effects.join("; "));
            change.verdict = change.wire.verdict.max(change.rust.verdict);
        }
    }

    /// Compares what two schemas without references allow.
    fn structure(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        self.wire_type(old, new, at);
        if self.kind(old, new, at) {
            return;
        }
        self.format(old, new, at);
        self.enumeration(old, new, at);
        self.bounds(old, new, at);
        self.object(old, new, at);
        self.items(old, new, at);
        self.unions(old, new, at);
        self.others(old, new, &KNOWN, at);
    }
}

/// The schemas, or the whole contract where there are none.
fn schemas_of(contract: &Contract) -> Site<'_> {
    contract.at(SCHEMAS).unwrap_or_else(|| contract.root())
}

fn attribute<'a>(schema: &Schema<'a>, key: &str) -> Option<Site<'a>> {
    schema.outer.get(key).or_else(|| schema.core.get(key).filter(|_| schema.core.reference().is_none()))
}

fn attribute_delta<'a>(old: &Schema<'a>, new: &Schema<'a>, key: &str) -> Option<Delta<'a>> {
    Delta::between(&old.outer, attribute(old, key), &new.outer, attribute(new, key))
}

/// The flag, or the schema where it has none.
fn attribute_locations(old: &Schema<'_>, new: &Schema<'_>, key: &str) -> [Location; 2] {
    let location =
        |schema: &Schema<'_>| attribute(schema, key).map_or_else(|| schema.outer.around(), |site| site.location());
    [location(old), location(new)]
}
