//! Schemas: what values they allow, and what they become in Rust.

use std::collections::{BTreeMap, BTreeSet};

use super::comparer::{At, Comparer, Delta, InRust, other_words, shown};
use super::contract::{Carrier, Site};
use super::rust::{self, Definition, Schema};
use super::verdict::{Effect, OnWire, Shift, Verdict};

/// Keys that only say things in words.
const WORDS: [&str; 7] = ["title", "description", "example", "examples", "externalDocs", "xml", "discriminator"];

/// Keys that are compared by their meaning; everything else is told as it is.
const KNOWN: [&str; 39] = [
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

/// Keys with a number, and whether a greater one allows less.
const BOUNDS: [(&str, bool); 8] = [
    ("minimum", true),
    ("maximum", false),
    ("minLength", true),
    ("maxLength", false),
    ("minItems", true),
    ("maxItems", false),
    ("minProperties", true),
    ("maxProperties", false),
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
            .saying("requests can hold what is described here", "answers can hold what is described here");
        let wire = if at.carrier.operations.is_empty() { OnWire::both(Shift::Different) } else { wire };
        self.report("schema-added", &at, "added", [around.around(), site.place()], wire, rust);
    }

    fn schema_removed(&mut self, name: &str, site: &Site<'a>) {
        let at = At {
            subject: format!("schema {name}"),
            part: String::new(),
            // What carried it tells its own changes.
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
        self.report("schema-removed", &at, "removed", [site.place(), around.around()], wire, rust);
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
            let says = format!("renamed from `{old_name}`");
            self.report("schema-renamed", &at, says, [old.place(), new.place()], OnWire::both(Shift::Words), rust);
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
        let says = match &delta {
            Delta::Added(_, form) => format!("what was read can be sent back as {}", shown(form)),
            Delta::Removed(form, _) => format!("what was read can no longer be sent back as {}", shown(form)),
            Delta::Changed(before, now) => {
                format!("what was read is sent back as {}, no longer as {}", shown(now), shown(before))
            }
        };
        self.report("sent-back-as", at, says, delta.places(), OnWire::both(Shift::Words), rust);
    }

    /// Compares two schemas in the same place.
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

    /// What a schema says of its value besides what it looks like.
    fn flags(&mut self, old: &Schema<'a>, new: &Schema<'a>, at: &At) {
        let changed = |key: &str| (old.flag(key) != new.flag(key)).then(|| new.flag(key));
        let places = |key: &str| attribute_places(old, new, key);
        if let Some(nullable) = changed("nullable") {
            let (kind, says, shift) = if nullable {
                ("nullable-added", "may be null", Shift::Wider)
            } else {
                ("nullable-removed", "may no longer be null", Shift::Narrower)
            };
            let wire = match shift {
                Shift::Wider => {
                    OnWire::both(shift).saying("requests may say null", "answers may say null where they didn't")
                }
                _ => OnWire::both(shift).saying("requests that say null may be refused", "answers no longer say null"),
            };
            self.report(kind, at, says, places("nullable"), wire, at.rust.effect());
        }
        if let Some(read_only) = changed("readOnly") {
            let (kind, says, shift) = if read_only {
                ("read-only-added", "is only read now", Shift::Narrower)
            } else {
                ("read-only-removed", "is no longer only read", Shift::Wider)
            };
            let wire = OnWire::each(shift, Shift::Words);
            self.report(kind, at, says, places("readOnly"), wire, at.rust.effect());
        }
        if let Some(write_only) = changed("writeOnly") {
            let (kind, says, shift) = if write_only {
                ("write-only-added", "is only written now", Shift::Different)
            } else {
                ("write-only-removed", "is no longer only written", Shift::Foreseen)
            };
            let wire = OnWire::each(Shift::Words, shift);
            self.report(kind, at, says, places("writeOnly"), wire, at.rust.effect());
        }
        if let Some(deprecated) = changed("deprecated") {
            self.deprecation(deprecated, places("deprecated"), at);
        }
        if let Some(delta) = attribute_delta(old, new, "default") {
            self.default(&delta, at);
        }
    }

    pub(super) fn deprecation(&mut self, deprecated: bool, places: [super::Place; 2], at: &At) {
        let rust = Effect::new(Verdict::None, "nothing is marked in the generated code");
        if deprecated {
            // Whoever uses it is asked to leave it, which is more than other words.
            let wire = OnWire::both(Shift::Foreseen)
                .saying("stays valid, and is going to go", "still comes, and is going to go");
            self.report("deprecated", at, "deprecated", places, wire, rust);
        } else {
            self.report("deprecation-withdrawn", at, "no longer deprecated", places, OnWire::both(Shift::Words), rust);
        }
    }

    fn default(&mut self, delta: &Delta<'a>, at: &At) {
        let (kind, wire) = match delta {
            Delta::Added(..) => (
                "default-added",
                OnWire::both(Shift::Foreseen)
                    .saying("says what absence means to the service", "says what absence in an answer means"),
            ),
            Delta::Removed(..) | Delta::Changed(..) => (
                "default-changed",
                OnWire::both(Shift::Different).saying(
                    "a request that leaves it out no longer means the same",
                    "an answer that leaves it out no longer means the same",
                ),
            ),
        };
        self.report(kind, at, format!("default {}", delta.says()), delta.places(), wire, at.rust.effect());
    }

    /// A reference that leads elsewhere, or stands in place of a schema: what matters is what is behind it.
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
        let says = format!("{} becomes {}", target(&old.core), target(&new.core));
        let wire = OnWire::both(Shift::Words);
        let places = [old.core.place(), new.core.place()];
        self.report("reference-changed", at, says, places, wire, rust);
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

    fn wire_type(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        let Some(delta) = Delta::of(old, new, "x-rust-wire") else { return };
        let rust = match &at.rust {
            InRust::Defined { types: [before, now], .. } if before != now => {
                Effect::new(Verdict::Major, format!("its values are no longer `{before}` but `{now}`"))
            }
            rust => rust.effect(),
        };
        let says = format!("the Rust type written by hand for it: {}", delta.says());
        self.report("wire-type", at, says, delta.places(), OnWire::both(Shift::Words), rust);
    }

    /// The JSON type. Gives whether it became so different that nothing else can be compared.
    fn kind(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) -> bool {
        let Some(delta) = Delta::of(old, new, "type") else {
            return false;
        };
        let shift = match (old.text("type"), new.text("type")) {
            (Some("integer"), Some("number")) | (Some(_), None) => Shift::Wider,
            (Some("number"), Some("integer")) | (None, Some(_)) => Shift::Narrower,
            _ => Shift::Different,
        };
        let says = format!("type {}", delta.says());
        self.report("type-changed", at, says, delta.places(), OnWire::both(shift), at.rust.effect());
        shift == Shift::Different
    }

    fn format(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        let Some(delta) = Delta::of(old, new, "format") else { return };
        let number = old.text("type") == Some("number");
        let rank = |site: &Site<'_>| match site.text("format") {
            Some("int8") => 1,
            Some("int16") => 2,
            Some("int32") => 3,
            Some("int64") => 4,
            // Formats of numbers that aren't integers say how to hold them, not which they are.
            Some(_) if number => 5,
            Some(_) => 0,
            None => 5,
        };
        let (before, now) = (rank(old), rank(new));
        let shift = match () {
            () if before == 5 && now == 5 => Shift::Words,
            () if before == now => Shift::Different,
            () if now == 5 || (before > 0 && before < now) => Shift::Wider,
            () if before == 5 || (now > 0 && now < before) => Shift::Narrower,
            () => Shift::Different,
        };
        let says = format!("format {}", delta.says());
        self.report("format-changed", at, says, delta.places(), OnWire::both(shift), at.rust.effect());
    }

    fn enumeration(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        let values = |site: &Site<'a>| -> Vec<Site<'a>> {
            site.get("enum").map(|values| values.elements().collect()).unwrap_or_default()
        };
        let (before, now) = (values(old), values(new));
        let open = [rust::is_open_enum(old), rust::is_open_enum(new)];
        match (before.is_empty(), now.is_empty()) {
            (true, true) => return,
            (true, false) | (false, true) => {
                if let Some(delta) = Delta::of(old, new, "enum") {
                    let (kind, shift) = match (before.is_empty(), open) {
                        (true, [_, false]) => ("enum-added", Shift::Narrower),
                        (true, _) => ("enum-added", Shift::Words),
                        (false, [false, _]) => ("enum-removed", Shift::Wider),
                        (false, _) => ("enum-removed", Shift::Words),
                    };
                    let says = format!("the list of values, {}", delta.happens());
                    self.report(kind, at, says, delta.places(), OnWire::both(shift), at.rust.effect());
                }
                return;
            }
            (false, false) => {}
        }
        if open[0] != open[1] {
            let (kind, says, shift) = if open[1] {
                ("enum-opened", "takes values that the contract doesn't know", Shift::Wider)
            } else {
                ("enum-closed", "no longer takes values that the contract doesn't know", Shift::Narrower)
            };
            let rust = match &at.rust {
                InRust::Defined { types: [before, now], .. } if before != now => {
                    Effect::new(Verdict::Major, format!("the type `{before}` becomes `{now}`"))
                }
                rust => rust.effect(),
            };
            let places = match Delta::of(old, new, "x-extensible-enum") {
                Some(delta) => delta.places(),
                None => [old.place(), new.place()],
            };
            self.report(kind, at, says, places, OnWire::both(shift), rust);
        }
        let variants = |site: &Site<'a>| match Definition::of(site, "X") {
            Definition::Enum { variants, .. } => variants,
            _ => BTreeSet::new(),
        };
        let (variants_before, variants_now) = (variants(old), variants(new));
        let variant = |value: &Site<'a>| {
            let text = value.node.as_str().unwrap_or_default();
            if rust::is_open_enum(new) {
                crate::emit::enums::variant_name(text)
            } else {
                crate::lint::names::pascal(text)
            }
        };
        let in_code = |verdict, text: String| match &at.rust {
            InRust::Settled(effect) => effect.clone(),
            InRust::Defined { definitions: [_, Definition::Wire], .. } => at.rust.effect(),
            _ => Effect::new(verdict, text),
        };
        let around = |site: &Site<'a>| site.get("enum").unwrap_or_else(|| site.clone());
        for value in now.iter().filter(|value| !before.iter().any(|old| old.node.same_value(value.node))) {
            let shift = if open[1] { Shift::Foreseen } else { Shift::Wider };
            let rust = if variants_before.contains(&variant(value)) {
                in_code(Verdict::Patch, format!("the variant `{}` has another text", variant(value)))
            } else {
                in_code(Verdict::Minor, format!("a new variant, `{}`", variant(value)))
            };
            let wire = match shift {
                Shift::Foreseen => OnWire::both(shift)
                    .saying("requests may say it", "answers may say it; readers take values that they don't know"),
                _ => OnWire::both(shift)
                    .saying("requests may say it", "answers may say it, which readers could rely on not to meet"),
            };
            let says = format!("value {} added", shown(value));
            self.report("enum-value-added", at, says, [around(old).around(), value.place()], wire, rust);
        }
        for value in before.iter().filter(|value| !now.iter().any(|new| new.node.same_value(value.node))) {
            let rust = if variants_now.contains(&variant(value)) {
                in_code(Verdict::Patch, format!("the variant `{}` has another text", variant(value)))
            } else {
                in_code(Verdict::Major, format!("the variant `{}` is gone", variant(value)))
            };
            let wire =
                OnWire::both(Shift::Narrower).saying("requests that say it may be refused", "answers no longer say it");
            let says = format!("value {} removed", shown(value));
            self.report("enum-value-removed", at, says, [value.place(), around(new).around()], wire, rust);
        }
    }

    fn bounds(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        let number = |site: &Site<'a>| site.node.as_f64();
        for (key, lower) in BOUNDS {
            let Some(delta) = Delta::of(old, new, key) else { continue };
            // Nothing is shorter than 0.
            if let Delta::Added(_, only) | Delta::Removed(only, _) = &delta
                && lower
                && key != "minimum"
                && number(only) == Some(0.0)
            {
                continue;
            }
            let shift = match &delta {
                Delta::Added(..) => Shift::Narrower,
                Delta::Changed(before, now) if (number(now) > number(before)) == lower => Shift::Narrower,
                Delta::Changed(..) | Delta::Removed(..) => Shift::Wider,
            };
            self.bound(key, &delta, shift, at);
        }
        for key in ["exclusiveMinimum", "exclusiveMaximum", "uniqueItems"] {
            if old.flag(key) != new.flag(key)
                && let Some(delta) = Delta::of(old, new, key)
            {
                let shift = if new.flag(key) { Shift::Narrower } else { Shift::Wider };
                self.bound(key, &delta, shift, at);
            }
        }
        for key in ["pattern", "multipleOf"] {
            let Some(delta) = Delta::of(old, new, key) else { continue };
            let shift = match &delta {
                Delta::Added(..) => Shift::Narrower,
                Delta::Removed(..) => Shift::Wider,
                Delta::Changed(before, now) => match (number(before), number(now)) {
                    (Some(before), Some(now)) if (now % before).abs() < f64::EPSILON => Shift::Narrower,
                    (Some(before), Some(now)) if (before % now).abs() < f64::EPSILON => Shift::Wider,
                    _ => Shift::Different,
                },
            };
            self.bound(key, &delta, shift, at);
        }
    }

    fn bound(&mut self, key: &str, delta: &Delta<'a>, shift: Shift, at: &At) {
        let kind = match shift {
            Shift::Narrower => "bound-tightened",
            Shift::Wider => "bound-loosened",
            _ => "bound-changed",
        };
        let rust = match at.rust.effect() {
            effect if effect.verdict == Verdict::None && !matches!(at.rust, InRust::Settled(_)) => {
                Effect::new(Verdict::None, "bounds are the validator's, not the client's")
            }
            effect => effect,
        };
        self.report(kind, at, format!("`{key}` {}", delta.says()), delta.places(), OnWire::both(shift), rust);
    }

    fn items(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
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
                let says = format!("the schema of its elements, {}", delta.happens());
                self.report("items-changed", at, says, delta.places(), OnWire::both(shift), at.rust.effect());
            }
        }
    }

    fn object(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
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
                let says = format!(
                    "members that aren't listed, {}",
                    if now > before { "more allowed" } else { "less allowed" }
                );
                self.report("unlisted-members", at, says, delta.places(), OnWire::both(shift), at.rust.effect());
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
        // Names that are required without being listed bind messages, and nothing in Rust.
        let unlisted = |site: &Site<'a>, listed: &BTreeMap<&str, (Site<'a>, bool)>| -> BTreeSet<&'a str> {
            site.texts("required").into_iter().filter(|name| !listed.contains_key(name)).collect()
        };
        let (before, now) = (unlisted(old, &before), unlisted(new, &now));
        for name in before.symmetric_difference(&now) {
            let shift = if now.contains(name) { Shift::Narrower } else { Shift::Wider };
            let says = if now.contains(name) { "is required" } else { "is no longer required" };
            let at = At { part: member_part(at, name), ..at.clone() };
            let places = [
                old.get("required").unwrap_or_else(|| old.clone()).around(),
                new.get("required").unwrap_or_else(|| new.clone()).around(),
            ];
            let rust = Effect::new(Verdict::None, "the member isn't listed, so it has no field");
            self.report("member-required", &at, says, places, OnWire::both(shift), rust);
        }
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
            OnWire::each(Shift::Narrower, Shift::Foreseen).saying(
                "requests without it may be refused",
                "answers hold one member more; readers skip what they don't know",
            )
        } else {
            OnWire::each(Shift::Wider, Shift::Foreseen)
                .saying("requests may hold it", "answers may hold it; readers skip what they don't know")
        };
        let rust = object.member_added(name);
        let at = At { part: member_part(at, name), carrier, ..at.clone() };
        let says = if required { "added, required" } else { "added" };
        self.report("member-added", &at, says, [around.around(), site.place()], wire, rust);
    }

    fn member_removed(&mut self, name: &str, site: &Site<'a>, around: &Site<'a>, object: &Object, at: &At) {
        let carrier = narrowed(&at.carrier, &Schema::new(site));
        let wire = OnWire::both(Shift::Different).saying(
            "the service no longer knows it: what requests say there is lost or refused",
            "answers no longer hold it",
        );
        let rust = object.member_removed(name);
        let at = At { part: member_part(at, name), carrier, ..at.clone() };
        self.report("member-removed", &at, "removed", [site.place(), around.around()], wire, rust);
    }

    fn member(&mut self, name: &str, old: &(Site<'a>, bool), new: &(Site<'a>, bool), object: &Object, at: &At) {
        let ((before, was_required), (now, is_required)) = (old, new);
        let rust = object.member(name, before, *was_required, now, *is_required);
        let (schema_before, schema_now) = (Schema::new(before), Schema::new(now));
        // While it is only read before and after, no request is judged by it.
        let one_way = |flag: &str| schema_before.flag(flag) && schema_now.flag(flag);
        let carrier = if one_way("readOnly") || one_way("writeOnly") {
            narrowed(&at.carrier, &schema_now)
        } else {
            at.carrier.clone()
        };
        let at = At { subject: at.subject.clone(), part: member_part(at, name), carrier, rust };
        if was_required != is_required {
            let (kind, says, shift) = if *is_required {
                ("member-required", "is required", Shift::Narrower)
            } else {
                ("member-optional", "is no longer required", Shift::Wider)
            };
            let wire = match shift {
                Shift::Narrower => {
                    OnWire::both(shift).saying("requests without it may be refused", "answers always hold it")
                }
                _ => OnWire::both(shift)
                    .saying("requests may leave it out", "answers may leave it out, where readers counted on it"),
            };
            self.report(kind, &at, says, [before.place(), now.place()], wire, object.required_effect(name, &at.rust));
        }
        self.schema(before, now, &at);
    }

    /// `allOf`, `oneOf` and `anyOf`.
    fn unions(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        if let (Some(before), Some(now)) = (old.get("oneOf"), new.get("anyOf")) {
            let says = "one of several becomes any of several";
            self.report(
                "union-changed",
                at,
                says,
                [before.place(), now.place()],
                OnWire::both(Shift::Wider),
                at.rust.effect(),
            );
            self.branches(&before, &now, true, at);
            return;
        }
        if let (Some(before), Some(now)) = (old.get("anyOf"), new.get("oneOf")) {
            let says = "any of several becomes one of several";
            self.report(
                "union-changed",
                at,
                says,
                [before.place(), now.place()],
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
                    let says = format!("`{key}` {}", delta.happens());
                    self.report("union-changed", at, says, delta.places(), OnWire::both(shift), union_effect(at));
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
            let twin = right.iter().position(|now| same(before, now, self));
            if let Some(index) = twin {
                right.remove(index);
            }
            twin.is_none()
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
            let says = format!("branch {} added", title(&site));
            let rust = if alternatives { variant_added_effect(at, &site) } else { union_effect(at) };
            self.report("branch-added", at, says, [old.around(), site.place()], OnWire::both(added), rust);
        }
        for site in left {
            let says = format!("branch {} removed", title(&site));
            self.report(
                "branch-removed",
                at,
                says,
                [site.place(), new.around()],
                OnWire::both(removed),
                union_effect(at),
            );
        }
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
                format!("`{label}` has a field `{field}` of type `{kind}`, and no `Default` any more"),
            )
        } else {
            Effect::new(Verdict::Minor, format!("`{label}` has a new field, `{field}` of type `{kind}`"))
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

/// Where the schemas stand, or the whole contract where there are none.
fn schemas_of(contract: &super::Contract) -> Site<'_> {
    contract.at(super::contract::SCHEMAS).unwrap_or_else(|| contract.root())
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
        // Anything but a number or a truth value takes conversions from text away, or gives the others new names.
        InRust::Defined { types: [_, now], definitions: [Definition::Union, Definition::Union], .. }
            if matches!(branch.text("type"), Some("integer" | "number" | "boolean"))
                && branch.node.get("enum").is_none() =>
        {
            Effect::new(Verdict::Minor, format!("`{now}`, which is non-exhaustive, has one variant more"))
        }
        _ => union_effect(at),
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
        carrier.direction = carrier.direction.without_answers();
    }
    carrier
}

fn attribute<'a>(schema: &Schema<'a>, key: &str) -> Option<Site<'a>> {
    schema.outer.get(key).or_else(|| schema.core.get(key).filter(|_| schema.core.reference().is_none()))
}

fn attribute_delta<'a>(old: &Schema<'a>, new: &Schema<'a>, key: &str) -> Option<Delta<'a>> {
    Delta::between(&old.outer, attribute(old, key), &new.outer, attribute(new, key))
}

/// Where a flag stands, or the schema where it doesn't.
fn attribute_places(old: &Schema<'_>, new: &Schema<'_>, key: &str) -> [super::Place; 2] {
    let place = |schema: &Schema<'_>| attribute(schema, key).map_or_else(|| schema.outer.around(), |site| site.place());
    [place(old), place(new)]
}
