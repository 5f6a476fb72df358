//! What all comparisons share: reporting a change, and remembering what was compared.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use contract::rust::Definition;
use contract::site::{Location, Site};

use super::change::Change;
use super::comparable::{Carrier, Contract};
use super::renames;
use super::verdict::{Effect, OnWire, Shift, Verdict};

/// Walks two contracts side by side.
pub(super) struct Comparer<'a> {
    pub old: &'a Contract,
    pub new: &'a Contract,
    /// Schemas that were only renamed, old name first.
    pub renamed: BTreeMap<String, String>,
    pub changes: Vec<Change>,
    /// The changes of each pair of shared parameters, bodies, responses and headers that was compared.
    shared: HashMap<(String, String), Range<usize>>,
    /// Pairs of schemas that are being compared through references of different names.
    pub open: HashSet<(String, String)>,
}

/// What is being compared.
#[derive(Clone)]
pub(super) struct At {
    /// The operation or schema.
    pub subject: String,
    /// The part of it; empty for the whole.
    pub part: String,
    /// What carries it.
    pub carrier: Carrier,
    /// What it is in Rust.
    pub rust: InRust,
}

/// What a part of the contract is in Rust.
#[derive(Clone)]
pub(super) enum InRust {
    /// Something whose effect is known already, whatever changes in it.
    Settled(Effect),
    /// The type of a field, parameter or body.
    Typed {
        /// What it is called.
        label: String,
        /// The types, old and new.
        types: [String; 2],
        /// What a type of its own would be called, old and new.
        names: [String; 2],
        /// Whether the description becomes documentation.
        documented: bool,
    },
    /// A type of its own, old and new.
    Defined { types: [String; 2], names: [String; 2], definitions: [Definition; 2] },
}

impl InRust {
    /// Nothing, and why.
    pub(super) fn nowhere(why: &str) -> Self {
        Self::Settled(Effect::new(Verdict::None, why))
    }

    /// What a change of structure does.
    pub(super) fn effect(&self) -> Effect {
        match self {
            Self::Settled(effect) => effect.clone(),
            Self::Typed { label, types: [old, new], .. } if old == new => {
                Effect::new(Verdict::None, format!("{label} stays `{old}`"))
            }
            Self::Typed { label, types: [old, new], .. } => {
                Effect::new(Verdict::Major, format!("{label} is no longer `{old}` but `{new}`"))
            }
            Self::Defined { types: [_, new], definitions, .. } => match definitions {
                [Definition::Newtype(old), Definition::Newtype(inner)] if old != inner => {
                    Effect::new(Verdict::Major, format!("`{new}` no longer holds `{old}` but `{inner}`"))
                }
                [old, now] if old.kind() != now.kind() => {
                    Effect::new(Verdict::Major, format!("`{new}` was {} and is {}", old.kind(), now.kind()))
                }
                _ => Effect::new(Verdict::None, format!("`{new}` stays as it is")),
            },
        }
    }

    /// What other words do.
    pub(super) fn words(&self) -> Effect {
        let documented = match self {
            Self::Settled(_) => false,
            Self::Typed { documented, .. } => *documented,
            Self::Defined { definitions: [_, new], .. } => *new != Definition::Wire,
        };
        other_words(documented)
    }

    /// The same for a part of this value.
    pub(super) fn inner(&self, suffix: &str) -> Self {
        let named = |names: &[String; 2]| names.clone().map(|name| format!("{name}-{suffix}"));
        match self {
            Self::Settled(effect) => Self::Settled(effect.clone()),
            Self::Typed { label, types, names, .. } => {
                Self::Typed { label: label.clone(), types: types.clone(), names: named(names), documented: false }
            }
            Self::Defined { types, names, definitions } => {
                let inner = |definition: &Definition| match definition {
                    Definition::Newtype(inner) => inner.clone(),
                    other => other.kind(),
                };
                Self::Typed {
                    label: format!("`{}`", types[1]),
                    types: [inner(&definitions[0]), inner(&definitions[1])],
                    names: named(names),
                    documented: false,
                }
            }
        }
    }
}

/// What other words do, by whether they become documentation.
pub(super) fn other_words(documented: bool) -> Effect {
    if documented {
        Effect::new(Verdict::Patch, "the documentation has the new words")
    } else {
        Effect::new(Verdict::None, "these words are not part of the documentation")
    }
}

/// A part that differs.
pub(super) enum Delta<'a> {
    /// Only the new contract has it; first what is around its location in the old one.
    Added(Site<'a>, Site<'a>),
    /// Only the old contract has it; second what is around its location in the new one.
    Removed(Site<'a>, Site<'a>),
    /// Both have it.
    Changed(Site<'a>, Site<'a>),
}

impl<'a> Delta<'a> {
    /// How two parts differ, if they do.
    pub(super) fn of(old: &Site<'a>, new: &Site<'a>, key: &str) -> Option<Self> {
        Self::between(old, old.get(key), new, new.get(key))
    }

    /// As [`of`](Self::of), for parts that were looked up already.
    pub(super) fn between(
        around_old: &Site<'a>,
        old: Option<Site<'a>>,
        around_new: &Site<'a>,
        new: Option<Site<'a>>,
    ) -> Option<Self> {
        match (old, new) {
            (None, None) => None,
            (Some(old), None) => Some(Self::Removed(old, around_new.clone())),
            (None, Some(new)) => Some(Self::Added(around_old.clone(), new)),
            (Some(old), Some(new)) => (!old.node.same_value(new.node)).then_some(Self::Changed(old, new)),
        }
    }

    pub(super) fn locations(&self) -> [Location; 2] {
        match self {
            Self::Added(old, new) => [old.around(), new.location()],
            Self::Removed(old, new) => [old.location(), new.around()],
            Self::Changed(old, new) => [old.location(), new.location()],
        }
    }

    /// `added`, `removed`, or `a becomes b`.
    pub(super) fn transition(&self) -> String {
        match self {
            Self::Added(_, new) => format!("{} added", shown(new)),
            Self::Removed(old, _) => format!("{} removed", shown(old)),
            Self::Changed(old, new) => format!("{} becomes {}", shown(old), shown(new)),
        }
    }

    /// `added`, `removed` or `changed`, for what is too long to show.
    pub(super) fn happens(&self) -> &'static str {
        match self {
            Self::Added(..) => "added",
            Self::Removed(..) => "removed",
            Self::Changed(..) => "changed",
        }
    }
}

/// The longest value that a summary shows.
const SHOWN: usize = 60;

/// A value, as a summary shows it.
pub(super) fn shown(site: &Site<'_>) -> String {
    let text = site.node.as_str().map_or_else(|| site.node.to_json().to_string(), str::to_owned);
    if text.chars().count() > SHOWN {
        format!("`{}…`", text.chars().take(SHOWN).collect::<String>())
    } else {
        format!("`{text}`")
    }
}

impl<'a> Comparer<'a> {
    pub(super) fn new(old: &'a Contract, new: &'a Contract) -> Self {
        Self {
            old,
            new,
            renamed: renames::renamed(old, new),
            changes: Vec::new(),
            shared: HashMap::new(),
            open: HashSet::new(),
        }
    }

    pub(super) fn finish(self) -> Vec<Change> {
        self.changes
    }

    pub(super) fn report(
        &mut self,
        kind: &'static str,
        at: &At,
        summary: impl AsRef<str>,
        [old, new]: [Location; 2],
        wire: OnWire,
        rust: Effect,
    ) {
        let wire = wire.effect(at.carrier.direction);
        let summary = summary.as_ref();
        let summary = if at.part.is_empty() { summary.to_owned() } else { format!("{}: {summary}", at.part) };
        self.changes.push(Change {
            kind,
            verdict: wire.verdict.max(rust.verdict),
            subject: at.subject.clone(),
            summary,
            operations: at.carrier.operations.clone(),
            direction: at.carrier.direction,
            pointer: if new.present || !old.present { new.pointer.clone() } else { old.pointer.clone() },
            old,
            new,
            wire,
            rust,
        });
    }

    /// Reports other words under some keys.
    pub(super) fn words(&mut self, old: &Site<'a>, new: &Site<'a>, keys: &[&str], at: &At) {
        for key in keys {
            if let Some(delta) = Delta::of(old, new, key) {
                self.words_of(&delta, key, at, at.rust.words());
            }
        }
    }

    pub(super) fn words_of(&mut self, delta: &Delta<'_>, key: &str, at: &At, rust: Effect) {
        let summary = format!("{} {}", key.trim_end_matches('s'), delta.happens());
        self.report("words", at, summary, delta.locations(), OnWire::both(Shift::Words), rust);
    }

    /// Reports whatever differs under the keys that weren't compared otherwise.
    pub(super) fn others(&mut self, old: &Site<'a>, new: &Site<'a>, known: &[&str], at: &At) {
        let mut keys: Vec<&str> = old.entries().chain(new.entries()).map(|(key, _)| key).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys.into_iter().filter(|key| !known.contains(key)) {
            let Some(delta) = Delta::of(old, new, key) else { continue };
            if key.starts_with("x-") {
                let summary = format!("`{key}` {}", delta.transition());
                let rust = Effect::new(Verdict::None, "nothing is generated from it");
                self.report("extension", at, summary, delta.locations(), OnWire::both(Shift::Words), rust);
            } else {
                let summary = format!("`{key}` {}", delta.happens());
                self.report("other", at, summary, delta.locations(), OnWire::both(Shift::Different), at.rust.effect());
            }
        }
    }

    /// Compares a pair of parts that several operations share only once, and counts each operation in.
    pub(super) fn once(&mut self, old: &Site<'a>, new: &Site<'a>, carrier: &Carrier, compare: impl FnOnce(&mut Self)) {
        let pair = (old.pointer.clone(), new.pointer.clone());
        if let Some(range) = self.shared.get(&pair) {
            for change in &mut self.changes[range.clone()] {
                change.operations.extend(carrier.operations.iter().cloned());
            }
            return;
        }
        let start = self.changes.len();
        compare(self);
        self.shared.insert(pair, start..self.changes.len());
    }

    pub(super) fn was_compared(&self, old: &Site<'a>, new: &Site<'a>) -> bool {
        self.shared.contains_key(&(old.pointer.clone(), new.pointer.clone()))
    }

    /// The changes that a comparison finds, without reporting them.
    pub(super) fn found_by(&mut self, compare: impl FnOnce(&mut Self)) -> Vec<Change> {
        let start = self.changes.len();
        compare(self);
        self.changes.split_off(start)
    }

    /// Whether two schema names mean the same schema.
    pub(super) fn same_schema(&self, old: &str, new: &str) -> bool {
        self.renamed.get(old).map_or(old == new, |renamed| renamed == new)
    }
}
