//! Operations: which there are, what they are called, and who may call them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use contract::naming::{pascal_case, snake};
use contract::rust;
use contract::site::Site;

use super::comparable::{Carrier, Contract, Operation};
use super::comparer::{At, Comparer, Delta, InRust, other_words, shown};
use super::verdict::{Direction, Effect, OnWire, Shift, Verdict};

/// Keys of an operation that are compared by their meaning.
const KNOWN: [&str; 13] = [
    "operationId",
    "summary",
    "description",
    "externalDocs",
    "tags",
    "deprecated",
    "security",
    "x-retry",
    "x-auth",
    "parameters",
    "requestBody",
    "responses",
    "callbacks",
];

/// The same operation in both contracts.
pub(super) struct Pair<'a> {
    pub old: (&'a Operation, Site<'a>),
    pub new: (&'a Operation, Site<'a>),
}

impl<'a> Pair<'a> {
    /// The path items around the operation.
    pub(super) fn items(&self) -> [Option<Site<'a>>; 2] {
        [&self.old.1, &self.new.1].map(|site| {
            let (item, _) = site.pointer.rsplit_once('/')?;
            Site::at(site.document, item)
        })
    }

    /// What operations are called in messages.
    pub(super) fn subject(&self) -> String {
        subject(self.new.0)
    }

    pub(super) fn carrier(&self, direction: Direction) -> Carrier {
        Carrier::of(&self.new.0.id, direction)
    }

    /// Whether the generated client holds the operation in both contracts.
    pub(super) fn generated(&self) -> bool {
        rust::is_generated(&self.old.1) && rust::is_generated(&self.new.1)
    }

    /// The part of this operation under a key, as it is called in Rust where a type of its own is needed.
    pub(super) fn names(&self, part: &str) -> [String; 2] {
        [format!("{}-{part}", self.old.0.id), format!("{}-{part}", self.new.0.id)]
    }
}

fn subject(operation: &Operation) -> String {
    let Operation { id, method, path, .. } = operation;
    let address = format!("{method} {path}");
    if *id == address { address } else { format!("{address} ({id})") }
}

/// What an operation with a multipart body is in Rust.
pub(super) const BY_HAND: &str = "multipart calls are written by hand";

impl<'a> Comparer<'a> {
    /// Compares all operations.
    pub(super) fn operations(&mut self) {
        let (pairs, removed, added) = self.pair_operations();
        let paths = |contract: &'a Contract| contract.at("/paths").unwrap_or_else(|| contract.root());
        for operation in added {
            let Some(site) = self.new.at(&operation.pointer) else { continue };
            let at = operation_at(operation, InRust::nowhere(""));
            let rust = if rust::is_generated(&site) {
                format!(
                    "a new method, `{}()`, its mock, and `Operation::{}`",
                    snake(&operation.id),
                    pascal_case(&operation.id)
                )
            } else {
                format!("`Operation::{}`; the call itself is written by hand", pascal_case(&operation.id))
            };
            let wire = OnWire::both(Shift::Foreseen)
                .described("there is one more request to make", "there is one more request to make");
            let locations = [paths(self.old).around(), site.location()];
            self.report("operation-added", &at, "added", locations, wire, Effect::new(Verdict::Minor, rust));
        }
        for operation in removed {
            let Some(site) = self.old.at(&operation.pointer) else { continue };
            let at = operation_at(operation, InRust::nowhere(""));
            let rust = Effect::new(Verdict::Major, format!("`{}()` is gone", snake(&operation.id)));
            let wire = OnWire::both(Shift::Different)
                .described("the service no longer takes this request", "the service no longer takes this request");
            let locations = [site.location(), paths(self.new).around()];
            self.report("operation-removed", &at, "removed", locations, wire, rust);
        }
        for pair in pairs {
            self.operation(&pair);
        }
    }

    /// The operations that both contracts have, and those that only one has: by method and path, else by their ids.
    fn pair_operations(&self) -> (Vec<Pair<'a>>, Vec<&'a Operation>, Vec<&'a Operation>) {
        let mut by_address: HashMap<(&str, String), &'a Operation> = HashMap::new();
        for operation in self.new.operations() {
            by_address.insert((&operation.method, operation.anonymous_path()), operation);
        }
        let mut pairs: Vec<(&'a Operation, &'a Operation)> = Vec::new();
        let mut left = Vec::new();
        for operation in self.old.operations() {
            match by_address.remove(&(operation.method.as_str(), operation.anonymous_path())) {
                Some(counterpart) => pairs.push((operation, counterpart)),
                None => left.push(operation),
            }
        }
        let mut by_id: BTreeMap<&str, &'a Operation> =
            by_address.into_values().map(|operation| (operation.id.as_str(), operation)).collect();
        left.retain(|operation| match by_id.remove(operation.id.as_str()) {
            Some(counterpart) => {
                pairs.push((operation, counterpart));
                false
            }
            None => true,
        });
        let pairs = pairs
            .into_iter()
            .filter_map(|(old, new)| {
                let sites = (self.old.at(&old.pointer)?, self.new.at(&new.pointer)?);
                Some(Pair { old: (old, sites.0), new: (new, sites.1) })
            })
            .collect();
        (pairs, left, by_id.into_values().collect())
    }

    fn operation(&mut self, pair: &Pair<'a>) {
        let ((old, before), (new, now)) = (&pair.old, &pair.new);
        let locations = || [before.location(), now.location()];
        let at = operation_at(new, InRust::nowhere("the call stays as it is"));
        if old.id != new.id {
            let same = snake(&old.id) == snake(&new.id) && pascal_case(&old.id) == pascal_case(&new.id);
            let rust = if same {
                Effect::new(Verdict::Patch, format!("`{}()` keeps its name", snake(&new.id)))
            } else {
                Effect::new(Verdict::Major, format!("`{}()` is now called `{}()`", snake(&old.id), snake(&new.id)))
            };
            let summary = format!("operationId `{}` becomes `{}`", old.id, new.id);
            let locations = Delta::of(before, now, "operationId").map_or_else(locations, |delta| delta.locations());
            self.report("operation-renamed", &at, summary, locations, OnWire::both(Shift::Words), rust);
        }
        if old.method != new.method || old.anonymous_path() != new.anonymous_path() {
            let summary = format!("`{} {}` becomes `{} {}`", old.method, old.path, new.method, new.path);
            let wire =
                OnWire::both(Shift::Different).described("the request goes elsewhere", "the request goes elsewhere");
            let rust = Effect::new(Verdict::Patch, format!("`{}()` sends the other request", snake(&new.id)));
            self.report("operation-moved", &at, summary, locations(), wire, rust);
        }
        if rust::is_generated(before) != rust::is_generated(now) {
            let rust = if rust::is_generated(now) {
                Effect::new(Verdict::Minor, format!("`{}()` is generated now", snake(&new.id)))
            } else {
                Effect::new(Verdict::Major, format!("`{}()` is no longer generated: {BY_HAND}", snake(&new.id)))
            };
            self.report(
                "generation-changed",
                &at,
                "its body's media type",
                locations(),
                OnWire::both(Shift::Words),
                rust,
            );
        }
        self.operation_words(pair, &at);
        self.tags_of(before, now, &at);
        if before.flag("deprecated") != now.flag("deprecated") {
            self.deprecation(now.flag("deprecated"), locations(), &at);
        }
        self.retry(before, now, &at);
        self.sign_in(before, now, &at);
        self.security(pair);
        self.parameters(pair);
        self.request_body(pair);
        self.responses(pair);
        if let Some(delta) = Delta::of(before, now, "callbacks") {
            let summary = format!("callbacks {}", delta.happens());
            self.report("other", &at, summary, delta.locations(), OnWire::both(Shift::Different), at.rust.effect());
        }
        self.others(before, now, &KNOWN, &at);
    }

    fn operation_words(&mut self, pair: &Pair<'a>, at: &At) {
        let (before, now) = (&pair.old.1, &pair.new.1);
        for (key, documented) in [("summary", true), ("description", pair.generated()), ("externalDocs", false)] {
            let Some(delta) = Delta::of(before, now, key) else { continue };
            self.words_of(&delta, key, at, other_words(documented));
        }
    }

    fn tags_of(&mut self, before: &Site<'a>, now: &Site<'a>, at: &At) {
        let (old, new) = (before.texts("tags"), now.texts("tags"));
        let set = |tags: &[&'a str]| tags.iter().copied().collect::<BTreeSet<_>>();
        let first = old.first() != new.first();
        if (first || set(&old) != set(&new))
            && let Some(delta) = Delta::of(before, now, "tags")
        {
            let rust = if first {
                Effect::new(Verdict::Patch, "`Operation::tag()` gives the new one")
            } else {
                Effect::new(Verdict::None, "only the first tag is used")
            };
            self.report(
                "tags",
                at,
                format!("tags {}", delta.transition()),
                delta.locations(),
                OnWire::both(Shift::Words),
                rust,
            );
        }
    }

    fn retry(&mut self, before: &Site<'a>, now: &Site<'a>, at: &At) {
        if let Some(delta) = Delta::of(before, now, "x-retry") {
            let rust =
                Effect::new(Verdict::Patch, "`Operation::retry_class()` gives the new class, and retries follow it");
            let summary = format!("what may be repeated, {}", delta.transition());
            self.report("retry", at, summary, delta.locations(), OnWire::both(Shift::Words), rust);
        }
    }

    fn sign_in(&mut self, before: &Site<'a>, now: &Site<'a>, at: &At) {
        let kinds = |site: &Site<'a>| site.texts("x-auth").into_iter().collect::<BTreeSet<_>>();
        let (old, new) = (kinds(before), kinds(now));
        let Some(delta) = Delta::of(before, now, "x-auth").filter(|_| old != new) else { return };
        let rust = if old.contains("app") == new.contains("app") {
            Effect::new(Verdict::None, "`Operation::takes_app_only()` stays")
        } else {
            Effect::new(Verdict::Patch, "`Operation::takes_app_only()` returns the new value")
        };
        let summary = format!("kinds of authentication, {}", delta.transition());
        let at = At { carrier: Carrier { direction: Direction::Request, ..at.carrier.clone() }, ..at.clone() };
        self.report("sign-in", &at, summary, delta.locations(), OnWire::both(set_shift(&old, &new)), rust);
    }

    /// The credentials that a call needs, by the operation or else by the whole contract.
    fn security(&mut self, pair: &Pair<'a>) {
        let effective = |site: &Site<'a>| site.get("security").or_else(|| Site::root(site.document).get("security"));
        let sites = [&pair.old.1, &pair.new.1];
        let [before, now] = sites.map(effective);
        let alternatives = |list: Option<&Site<'a>>| -> BTreeMap<String, Option<Site<'a>>> {
            let listed: BTreeMap<_, _> = list
                .into_iter()
                .flat_map(|list| list.elements().collect::<Vec<_>>())
                .map(|one| (requirement(&one), Some(one)))
                .collect();
            // Without a list nothing is asked for.
            if listed.is_empty() { BTreeMap::from([("nothing".to_owned(), None)]) } else { listed }
        };
        let (old, new) = (alternatives(before.as_ref()), alternatives(now.as_ref()));
        if old.keys().eq(new.keys()) {
            return;
        }
        let around = [before.unwrap_or_else(|| pair.old.1.clone()), now.unwrap_or_else(|| pair.new.1.clone())];
        let at = At {
            subject: pair.subject(),
            part: "authentication".to_owned(),
            carrier: pair.carrier(Direction::Request),
            rust: InRust::nowhere("credentials are chosen by the caller"),
        };
        self.once(&around[0], &around[1], &at.carrier, |comparer| {
            for (name, site) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
                let wire = OnWire::both(Shift::Wider).described("requests may authenticate that way too", "");
                let location = site.as_ref().map_or_else(|| around[1].around(), Site::location);
                comparer.report(
                    "security-added",
                    &at,
                    format!("{name} suffices"),
                    [around[0].around(), location],
                    wire,
                    at.rust.effect(),
                );
            }
            for (name, site) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
                let wire =
                    OnWire::both(Shift::Narrower).described("requests that authenticate that way are rejected", "");
                let location = site.as_ref().map_or_else(|| around[0].around(), Site::location);
                comparer.report(
                    "security-removed",
                    &at,
                    format!("{name} no longer suffices"),
                    [location, around[1].around()],
                    wire,
                    at.rust.effect(),
                );
            }
        });
    }
}

fn operation_at(operation: &Operation, rust: InRust) -> At {
    At { subject: subject(operation), part: String::new(), carrier: Carrier::of(&operation.id, Direction::Both), rust }
}

/// One alternative of signing in, in words.
fn requirement(site: &Site<'_>) -> String {
    let mut schemes: Vec<String> = site
        .entries()
        .map(|(scheme, scopes)| {
            let mut scopes: Vec<String> = scopes.elements().map(|scope| shown(&scope)).collect();
            scopes.sort_unstable();
            if scopes.is_empty() { format!("`{scheme}`") } else { format!("`{scheme}` with {}", scopes.join(", ")) }
        })
        .collect();
    schemes.sort_unstable();
    if schemes.is_empty() { "nothing".to_owned() } else { schemes.join(" and ") }
}

/// What it means that one set of things that suffice became another one.
fn set_shift(old: &BTreeSet<&str>, new: &BTreeSet<&str>) -> Shift {
    match (old.is_subset(new), new.is_subset(old)) {
        (true, true) => Shift::Words,
        (true, false) => Shift::Wider,
        (false, true) => Shift::Narrower,
        (false, false) => Shift::Different,
    }
}
