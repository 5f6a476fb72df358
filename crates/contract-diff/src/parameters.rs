//! Parameters of operations.

use std::collections::BTreeMap;

use contract::load::Node;
use contract::rust;
use contract::site::Site;

use super::arguments;
use super::comparable::Carrier;
use super::comparer::{At, Comparer, Delta, InRust};
use super::operations::{BY_HAND, Pair};
use super::verdict::{Direction, Effect, OnWire, Shift, Verdict};

/// Keys of a parameter that are compared by their meaning.
const KNOWN: [&str; 12] = [
    "name",
    "in",
    "description",
    "required",
    "deprecated",
    "schema",
    "example",
    "examples",
    "style",
    "explode",
    "allowReserved",
    "allowEmptyValue",
];

const BY_TRANSPORT: &str = "the transport sets this header";

fn style<'a>(parameter: &Site<'a>) -> &'a str {
    parameter.text("style").unwrap_or_else(|| match parameter.text("in") {
        Some("query" | "cookie") => "form",
        _ => "simple",
    })
}

fn explode(parameter: &Site<'_>) -> bool {
    parameter.node.get("explode").and_then(Node::as_bool).unwrap_or_else(|| style(parameter) == "form")
}

/// By what two parameters are the same: `in` and name, or for one in the path its position there.
type Key = (String, String);

impl<'a> Comparer<'a> {
    /// Compares the parameters of an operation, its own and those of its path.
    pub(super) fn parameters(&mut self, pair: &Pair<'a>) {
        let [old_item, new_item] = pair.items();
        let in_order = [
            declared(old_item.as_ref(), &pair.old.1, &pair.old.0.path),
            declared(new_item.as_ref(), &pair.new.1, &pair.new.0.path),
        ];
        if pair.generated() {
            self.argument_order(pair, &in_order);
        }
        let [old, new] = in_order.map(|list| list.into_iter().collect::<BTreeMap<Key, Site<'a>>>());
        let mut added: BTreeMap<&Key, &Site<'a>> = new.iter().filter(|(key, _)| !old.contains_key(*key)).collect();
        for (key, before) in &old {
            if let Some(now) = new.get(key) {
                self.parameter(pair, before, now);
                continue;
            }
            let moved = added.keys().find(|(location, name)| *location != key.0 && *name == key.1).copied();
            match moved.and_then(|key| added.remove(key)) {
                Some(now) => self.parameter_moved(pair, before, now),
                None => self.parameter_removed(pair, before),
            }
        }
        for now in added.into_values() {
            self.parameter_added(pair, now);
        }
    }

    /// The order of what is an argument in both contracts. Arguments of the path are in its order, whatever the list's.
    fn argument_order(&mut self, pair: &Pair<'a>, [old, new]: &[Vec<(Key, Site<'a>)>; 2]) {
        let names = |list: &[(Key, Site<'a>)]| -> Vec<String> {
            let others = list.iter().filter(|((location, _), parameter)| location != "path" && is_argument(parameter));
            others.map(|(_, parameter)| argument(parameter)).collect()
        };
        let (before, now) = (names(old), names(new));
        let Some(rust) = arguments::reordered(&rust::field_name(&pair.new.0.id), &before, &now) else { return };
        let at = At {
            subject: pair.subject(),
            part: "parameters".to_owned(),
            carrier: pair.carrier(Direction::Request),
            rust: InRust::nowhere(""),
        };
        let locations = [parameters_of(&pair.old.1).location(), parameters_of(&pair.new.1).location()];
        self.report(
            "arguments-reordered",
            &at,
            "required ones in another order",
            locations,
            OnWire::both(Shift::Words),
            rust,
        );
    }

    fn parameter(&mut self, pair: &Pair<'a>, old: &Site<'a>, new: &Site<'a>) {
        let carrier = pair.carrier(Direction::Request);
        self.once(old, new, &carrier, |comparer| {
            let rust = in_rust(pair, old, new);
            comparer.parameter_parts(old, new, &parameter_at(&pair.subject(), new, carrier.clone(), rust));
        });
    }

    /// Compares shared parameters that no operation has.
    pub(super) fn unused_parameters(&mut self) {
        let (old, new) = (self.old.components("parameters"), self.new.components("parameters"));
        for (name, before) in &old {
            if let Some(now) = new.get(name)
                && !self.was_compared(before, now)
            {
                let at = parameter_at("", now, Carrier::default(), InRust::nowhere("no operation has it"));
                self.parameter_parts(before, now, &at);
            }
        }
    }

    fn parameter_parts(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        if old.text("name") != new.text("name")
            && let Some(delta) = Delta::of(old, new, "name")
        {
            let (before, now) = (argument(old), argument(new));
            let rust = match &at.rust {
                InRust::Settled(effect) => effect.clone(),
                _ if before == now => Effect::new(Verdict::Patch, format!("`{now}` keeps its name")),
                _ if is_argument(old) && is_argument(new) => Effect::new(
                    Verdict::Major,
                    format!("the argument `{before}` is now called `{now}`, and so is the mock's `.{now}()`"),
                ),
                _ => Effect::new(Verdict::Major, format!("`.{before}()` is now called `.{now}()`")),
            };
            let summary = format!("name {}", delta.transition());
            self.report("parameter-renamed", at, summary, delta.locations(), OnWire::both(Shift::Words), rust);
        }
        self.words(old, new, &["description"], at);
        for key in ["example", "examples"] {
            if let Some(delta) = Delta::of(old, new, key) {
                let rust = Effect::new(Verdict::None, "examples are not part of the documentation");
                self.words_of(&delta, key, at, rust);
            }
        }
        if old.flag("required") != new.flag("required") {
            let required = new.flag("required");
            let name = argument(new);
            let rust = match &at.rust {
                InRust::Settled(effect) => effect.clone(),
                _ => Effect::new(
                    Verdict::Major,
                    if required {
                        format!(
                            "`{name}` is an argument of the call and no longer a setter; the mock's `.{name}()` takes no `Option`"
                        )
                    } else {
                        format!(
                            "`{name}` is a setter and no longer an argument of the call; the mock's `.{name}()` takes an `Option`"
                        )
                    },
                ),
            };
            let (kind, summary, shift) = if required {
                ("parameter-required", "is required", Shift::Narrower)
            } else {
                ("parameter-optional", "is no longer required", Shift::Wider)
            };
            let wire = match shift {
                Shift::Narrower => OnWire::both(shift).described("requests without it may be rejected", ""),
                _ => OnWire::both(shift).described("requests may leave it out", ""),
            };
            let location = |site: &Site<'a>| site.get("required").map_or_else(|| site.around(), |site| site.location());
            self.report(kind, at, summary, [location(old), location(new)], wire, rust);
        }
        if old.flag("deprecated") != new.flag("deprecated") {
            self.deprecation(new.flag("deprecated"), [old.location(), new.location()], at);
        }
        match Delta::of(old, new, "schema") {
            None => {}
            Some(Delta::Changed(before, now)) => self.schema(&before, &now, at),
            Some(delta) => {
                let summary = format!("schema {}", delta.happens());
                self.report("other", at, summary, delta.locations(), OnWire::both(Shift::Different), at.rust.effect());
            }
        }
        self.spelling(old, new, at);
        self.others(old, new, &KNOWN, at);
    }

    /// How the value is written into the request. What is left out has the meaning that OpenAPI gives it.
    fn spelling(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        for key in ["style", "explode", "allowReserved", "allowEmptyValue"] {
            let Some(delta) = Delta::of(old, new, key) else { continue };
            let shift = match key {
                "style" if style(old) == style(new) => continue,
                "explode" if explode(old) == explode(new) => continue,
                "style" | "explode" => Shift::Different,
                _ if old.flag(key) == new.flag(key) => continue,
                _ if new.flag(key) => Shift::Wider,
                _ => Shift::Narrower,
            };
            let summary = format!("`{key}` {}", delta.transition());
            self.report("spelling-changed", at, summary, delta.locations(), OnWire::both(shift), at.rust.effect());
        }
    }

    fn parameter_added(&mut self, pair: &Pair<'a>, new: &Site<'a>) {
        let at = own_at(pair, new);
        let rust = match &at.rust {
            InRust::Settled(effect) => effect.clone(),
            _ => arrival(new),
        };
        let (summary, wire) = if new.flag("required") {
            ("added, required", OnWire::both(Shift::Narrower).described("requests without it may be rejected", ""))
        } else {
            ("added", OnWire::both(Shift::Wider).described("requests may hold it", ""))
        };
        self.report("parameter-added", &at, summary, [parameters_of(&pair.old.1).around(), new.location()], wire, rust);
    }

    fn parameter_removed(&mut self, pair: &Pair<'a>, old: &Site<'a>) {
        let at = own_at(pair, old);
        let rust = match &at.rust {
            InRust::Settled(effect) => effect.clone(),
            _ if is_argument(old) => Effect::new(Verdict::Major, format!("the argument `{}` is gone", argument(old))),
            _ => Effect::new(Verdict::Major, format!("`.{}()` is gone", argument(old))),
        };
        let wire = OnWire::both(Shift::Different)
            .described("the service no longer knows it: what requests hold there is lost or rejected", "");
        self.report(
            "parameter-removed",
            &at,
            "removed",
            [old.location(), parameters_of(&pair.new.1).around()],
            wire,
            rust,
        );
    }

    fn parameter_moved(&mut self, pair: &Pair<'a>, old: &Site<'a>, new: &Site<'a>) {
        let carrier = pair.carrier(Direction::Request);
        let rust = in_rust(pair, old, new);
        let at = parameter_at(&pair.subject(), new, carrier, rust);
        let effect = match (rust::is_left_to_transport(old), rust::is_left_to_transport(new)) {
            _ if !pair.generated() => at.rust.effect(),
            (false, false) => Effect::new(Verdict::Patch, format!("`{}` is sent there", argument(new))),
            (true, true) => at.rust.effect(),
            (true, false) => arrival(new),
            (false, true) => Effect::new(Verdict::Major, format!("`{}` is gone: {BY_TRANSPORT}", argument(old))),
        };
        let location = |site: &Site<'a>| site.text("in").unwrap_or_default();
        let summary = format!("moves from the {} to the {}", location(old), location(new));
        let wire =
            OnWire::both(Shift::Different).described("requests that hold it where it was are not understood", "");
        self.report("parameter-moved", &at, summary, [old.location(), new.location()], wire, effect);
        self.parameter_parts(old, new, &at);
    }
}

/// The parameters that hold for an operation, in the order of the contract: those of its path, then its own.
fn declared<'a>(item: Option<&Site<'a>>, operation: &Site<'a>, path: &str) -> Vec<(Key, Site<'a>)> {
    let mut found: Vec<(Key, Site<'a>)> = Vec::new();
    let lists = item.and_then(|item| item.get("parameters")).into_iter().chain(operation.get("parameters"));
    for parameter in lists.flat_map(|list| list.elements().collect::<Vec<_>>()) {
        let parameter = parameter.resolved();
        let location = parameter.text("in").unwrap_or_default().to_owned();
        let name = parameter.text("name").unwrap_or_default();
        let key = match location.as_str() {
            "path" => path
                .split('{')
                .position(|part| part.split('}').next() == Some(name))
                .map_or_else(|| name.to_owned(), |position| position.to_string()),
            "header" => name.to_ascii_lowercase(),
            _ => name.to_owned(),
        };
        let key = (location, key);
        match found.iter_mut().find(|(other, _)| *other == key) {
            Some((_, shared)) => *shared = parameter,
            None => found.push((key, parameter)),
        }
    }
    found
}

/// The name of an argument or setter.
fn argument(parameter: &Site<'_>) -> String {
    rust::field_name(parameter.text("name").unwrap_or_default())
}

/// Whether the parameter is an argument of the call, and no setter.
fn is_argument(parameter: &Site<'_>) -> bool {
    (parameter.flag("required") || parameter.text("in") == Some("path")) && !rust::is_left_to_transport(parameter)
}

/// The effect of a parameter that callers didn't have before.
fn arrival(parameter: &Site<'_>) -> Effect {
    let name = argument(parameter);
    if is_argument(parameter) {
        Effect::new(Verdict::Major, format!("a new argument of the call, `{name}`"))
    } else {
        Effect::new(Verdict::Minor, format!("a new setter, `.{name}()`"))
    }
}

fn in_rust(pair: &Pair<'_>, old: &Site<'_>, new: &Site<'_>) -> InRust {
    if !pair.generated() {
        return InRust::nowhere(BY_HAND);
    }
    if rust::is_left_to_transport(old) && rust::is_left_to_transport(new) {
        return InRust::nowhere(BY_TRANSPORT);
    }
    let names = pair.names(new.text("name").unwrap_or_default());
    InRust::Typed {
        label: if is_argument(new) {
            format!("the argument `{}`", argument(new))
        } else {
            format!("the value of `.{}()`", argument(new))
        },
        types: [rust::parameter_type(old, &pair.old.0.id), rust::parameter_type(new, &pair.new.0.id)],
        names,
        documented: true,
    }
}

/// A parameter that only one contract has.
fn own_at(pair: &Pair<'_>, parameter: &Site<'_>) -> At {
    let rust = in_rust(pair, parameter, parameter);
    let at = parameter_at(&pair.subject(), parameter, pair.carrier(Direction::Request), rust);
    At { subject: pair.subject(), part: part(parameter), ..at }
}

fn part(parameter: &Site<'_>) -> String {
    let text = |key: &str| parameter.text(key).unwrap_or_default();
    format!("{} parameter `{}`", text("in"), text("name"))
}

fn parameter_at(operation: &str, parameter: &Site<'_>, carrier: Carrier, rust: InRust) -> At {
    // What several operations share is a subject of its own.
    if parameter.pointer.starts_with("/components/") {
        At { subject: part(parameter), part: String::new(), carrier, rust }
    } else {
        At { subject: operation.to_owned(), part: part(parameter), carrier, rust }
    }
}

fn parameters_of<'a>(operation: &Site<'a>) -> Site<'a> {
    operation.get("parameters").unwrap_or_else(|| operation.clone())
}
