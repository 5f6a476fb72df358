//! What single values may be: their type, their format, lists of values, and bounds.

use std::collections::BTreeSet;

use contract::naming::{pascal, variant_name};
use contract::rust::{self, Definition};
use contract::site::Site;

use crate::comparer::{At, Comparer, Delta, InRust, shown};
use crate::verdict::{Effect, OnWire, Shift, Verdict};

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
    pub(super) fn wire_type(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        let Some(delta) = Delta::of(old, new, "x-rust-wire") else { return };
        let rust = match &at.rust {
            InRust::Defined { types: [before, now], .. } if before != now => {
                Effect::new(Verdict::Major, format!("its values are no longer `{before}` but `{now}`"))
            }
            rust => rust.effect(),
        };
        let summary = format!("the Rust type written by hand for it: {}", delta.transition());
        self.report("wire-type", at, summary, delta.locations(), OnWire::both(Shift::Words), rust);
    }

    /// The JSON type. Gives whether it became so different that nothing else can be compared.
    pub(super) fn kind(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) -> bool {
        let Some(delta) = Delta::of(old, new, "type") else {
            return false;
        };
        let shift = match (old.text("type"), new.text("type")) {
            (Some("integer"), Some("number")) | (Some(_), None) => Shift::Wider,
            (Some("number"), Some("integer")) | (None, Some(_)) => Shift::Narrower,
            _ => Shift::Different,
        };
        let summary = format!("type {}", delta.transition());
        self.report("type-changed", at, summary, delta.locations(), OnWire::both(shift), at.rust.effect());
        shift == Shift::Different
    }

    pub(super) fn format(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        let Some(delta) = Delta::of(old, new, "format") else { return };
        let number = old.text("type") == Some("number");
        let rank = |site: &Site<'_>| match site.text("format") {
            Some("int8") => 1,
            Some("int16") => 2,
            Some("int32") => 3,
            Some("int64") => 4,
            // Formats of numbers that aren't integers define how to hold them, not which they are.
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
        let summary = format!("format {}", delta.transition());
        self.report("format-changed", at, summary, delta.locations(), OnWire::both(shift), at.rust.effect());
    }

    pub(super) fn enumeration(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
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
                    let summary = format!("the list of values, {}", delta.happens());
                    self.report(kind, at, summary, delta.locations(), OnWire::both(shift), at.rust.effect());
                }
                return;
            }
            (false, false) => {}
        }
        if open[0] != open[1] {
            let (kind, summary, shift) = if open[1] {
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
            let locations = match Delta::of(old, new, "x-extensible-enum") {
                Some(delta) => delta.locations(),
                None => [old.location(), new.location()],
            };
            self.report(kind, at, summary, locations, OnWire::both(shift), rust);
        }
        let variants = |site: &Site<'a>| match Definition::of(site, "X") {
            Definition::Enum { variants, .. } => variants,
            _ => BTreeSet::new(),
        };
        let (variants_before, variants_now) = (variants(old), variants(new));
        let variant = |value: &Site<'a>| {
            let text = value.node.as_str().unwrap_or_default();
            if rust::is_open_enum(new) { variant_name(text) } else { pascal(text) }
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
                Shift::Foreseen => OnWire::both(shift).described(
                    "requests may hold it",
                    "responses may hold it; readers take values that they don't know",
                ),
                _ => OnWire::both(shift).described(
                    "requests may hold it",
                    "responses may hold it, which readers could rely on not to meet",
                ),
            };
            let summary = format!("value {} added", shown(value));
            self.report("enum-value-added", at, summary, [around(old).around(), value.location()], wire, rust);
        }
        for value in before.iter().filter(|value| !now.iter().any(|new| new.node.same_value(value.node))) {
            let rust = if variants_now.contains(&variant(value)) {
                in_code(Verdict::Patch, format!("the variant `{}` has another text", variant(value)))
            } else {
                in_code(Verdict::Major, format!("the variant `{}` is gone", variant(value)))
            };
            let wire = OnWire::both(Shift::Narrower)
                .described("requests that hold it may be rejected", "responses no longer hold it");
            let summary = format!("value {} removed", shown(value));
            self.report("enum-value-removed", at, summary, [value.location(), around(new).around()], wire, rust);
        }
    }

    pub(super) fn bounds(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
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
        self.report(kind, at, format!("`{key}` {}", delta.transition()), delta.locations(), OnWire::both(shift), rust);
    }
}
