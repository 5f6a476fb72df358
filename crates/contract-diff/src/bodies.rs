//! What requests and responses hold: bodies, statuses, headers.

use std::collections::BTreeMap;

use contract::rust;
use contract::site::Site;

use super::comparable::Carrier;
use super::comparer::{At, Comparer, Delta, InRust, other_words};
use super::operations::{BY_HAND, Pair};
use super::verdict::{Direction, Effect, OnWire, Shift, Verdict};

const JSON: &str = "application/json";

/// Whether a response has a body.
fn has_content(response: &Site<'_>) -> bool {
    response.resolved().get("content").is_some()
}
const HEADERS_UNTYPED: &str = "headers of responses have no types";

impl<'a> Comparer<'a> {
    pub(super) fn request_body(&mut self, pair: &Pair<'a>) {
        let (before, now) = (pair.old.1.get("requestBody"), pair.new.1.get("requestBody"));
        let carrier = pair.carrier(Direction::Request);
        let at = |rust| At { subject: pair.subject(), part: "the body".to_owned(), carrier: carrier.clone(), rust };
        match (before, now) {
            (None, None) => {}
            (None, Some(body)) => {
                let required = body.resolved().flag("required");
                let shift = if required { Shift::Narrower } else { Shift::Wider };
                let wire = OnWire::both(shift).described(
                    if required { "requests without a body may be rejected" } else { "requests may hold a body" },
                    "",
                );
                let rust = if pair.generated() {
                    Effect::new(Verdict::Major, "a new argument of the call, `body`")
                } else {
                    Effect::new(Verdict::None, BY_HAND)
                };
                let summary = if required { "added, required" } else { "added" };
                self.report(
                    "body-added",
                    &at(InRust::nowhere("")),
                    summary,
                    [pair.old.1.around(), body.location()],
                    wire,
                    rust,
                );
            }
            (Some(body), None) => {
                let wire = OnWire::both(Shift::Different).described("the service no longer takes a body", "");
                let rust = if pair.generated() {
                    Effect::new(Verdict::Major, "the argument `body` is gone")
                } else {
                    Effect::new(Verdict::None, BY_HAND)
                };
                self.report(
                    "body-removed",
                    &at(InRust::nowhere("")),
                    "removed",
                    [body.location(), pair.new.1.around()],
                    wire,
                    rust,
                );
            }
            (Some(before), Some(now)) => {
                let (before, now) = (before.resolved(), now.resolved());
                let names = pair.names("body");
                let rust = if pair.generated() {
                    InRust::Typed {
                        label: format!("the body of `{}()`", rust::field_name(&pair.new.0.id)),
                        types: [rust::content_type_of(&before, &names[0]), rust::content_type_of(&now, &names[1])],
                        names,
                        documented: true,
                    }
                } else {
                    InRust::nowhere(BY_HAND)
                };
                let at = at(rust);
                self.once(&before, &now, &carrier, |comparer| comparer.body_parts(&before, &now, &at));
            }
        }
    }

    fn body_parts(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        self.words(old, new, &["description"], at);
        if old.flag("required") != new.flag("required") {
            let (kind, summary, shift) = if new.flag("required") {
                ("body-required", "is required", Shift::Narrower)
            } else {
                ("body-optional", "is no longer required", Shift::Wider)
            };
            let rust = Effect::new(Verdict::None, "the client always sends one");
            self.report(kind, at, summary, [old.location(), new.location()], OnWire::both(shift), rust);
        }
        self.content(old, new, at);
        self.others(old, new, &["description", "required", "content"], at);
    }

    /// The value under each media type.
    fn content(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        let media = |site: &Site<'a>| -> BTreeMap<&'a str, Site<'a>> {
            site.get("content").map(|content| content.entries().collect()).unwrap_or_default()
        };
        let (before, now) = (media(old), media(new));
        for (name, site) in &now {
            match before.get(name) {
                Some(counterpart) => self.media(name, counterpart, site, at),
                None => {
                    let wire = if before.is_empty() {
                        OnWire::both(Shift::Wider)
                    } else {
                        OnWire::each(Shift::Wider, Shift::Foreseen)
                    };
                    let wire = wire
                        .described("requests may be sent in this form too", "responses may be asked for in this form");
                    let summary = format!("media type `{name}` added");
                    self.report(
                        "media-type-added",
                        at,
                        summary,
                        [old.around(), site.location()],
                        wire,
                        at.rust.effect(),
                    );
                }
            }
        }
        for (name, site) in before.iter().filter(|(name, _)| !now.contains_key(*name)) {
            let wire = OnWire::both(Shift::Different)
                .described("requests in this form are rejected", "responses no longer have this form");
            let summary = format!("media type `{name}` removed");
            self.report("media-type-removed", at, summary, [site.location(), new.around()], wire, at.rust.effect());
        }
    }

    fn media(&mut self, name: &str, old: &Site<'a>, new: &Site<'a>, at: &At) {
        for key in ["example", "examples"] {
            if let Some(delta) = Delta::of(old, new, key) {
                self.words_of(&delta, key, at, other_words(false));
            }
        }
        let rust = match &at.rust {
            InRust::Typed { label, types, names, .. } if name == JSON => {
                InRust::Typed { label: label.clone(), types: types.clone(), names: names.clone(), documented: false }
            }
            InRust::Typed { .. } => InRust::nowhere("only JSON has a type"),
            rust => rust.clone(),
        };
        let at = At { rust, ..at.clone() };
        match Delta::of(old, new, "schema") {
            None => {}
            Some(Delta::Changed(before, now)) => self.schema(&before, &now, &at),
            Some(delta) => {
                let shift = if matches!(delta, Delta::Added(..)) { Shift::Narrower } else { Shift::Wider };
                let summary = format!("schema {}", delta.happens());
                self.report("other", &at, summary, delta.locations(), OnWire::both(shift), at.rust.effect());
            }
        }
        self.others(old, new, &["example", "examples", "schema"], &at);
    }

    pub(super) fn responses(&mut self, pair: &Pair<'a>) {
        let responses = |site: &Site<'a>| -> BTreeMap<&'a str, Site<'a>> {
            site.get("responses").map(|responses| responses.entries().collect()).unwrap_or_default()
        };
        let (before, now) = (responses(&pair.old.1), responses(&pair.new.1));
        let outcomes =
            [rust::outcome_types(&pair.old.1, &pair.old.0.id), rust::outcome_types(&pair.new.1, &pair.new.0.id)];
        let at = |status: &str| {
            let success = status.starts_with('2');
            let which = usize::from(!success);
            let rust = if pair.generated() {
                InRust::Typed {
                    label: format!(
                        "{} of `{}()`",
                        if success { "the response" } else { "the error response" },
                        rust::field_name(&pair.new.0.id)
                    ),
                    types: [outcomes[0][which].clone(), outcomes[1][which].clone()],
                    names: pair.names("response"),
                    documented: false,
                }
            } else {
                InRust::nowhere(BY_HAND)
            };
            At {
                subject: pair.subject(),
                part: format!("response {status}"),
                carrier: pair.carrier(Direction::Response),
                rust,
            }
        };
        let around = |site: &Site<'a>| site.get("responses").unwrap_or_else(|| site.clone()).around();
        for (status, site) in &now {
            let at = at(status);
            match before.get(status) {
                Some(counterpart) => self.response(&counterpart.resolved(), &site.resolved(), at),
                None => {
                    let wire = if status.starts_with('2') {
                        let mut others = before.iter().filter(|(status, _)| status.starts_with('2'));
                        let had_bodies = others.all(|(_, other)| has_content(other));
                        let effect = if *status == "202" {
                            "a success may come before the work is done (202), which readers didn't have to expect"
                        } else if had_bodies && !has_content(site) {
                            "a success may come without a body, which readers didn't have to expect"
                        } else {
                            "a success may come with a status that readers didn't have to expect"
                        };
                        OnWire::both(Shift::Wider).described("", effect)
                    } else {
                        OnWire::both(Shift::Foreseen)
                            .described("", "one more error response; every reader has to expect those")
                    };
                    self.report(
                        "response-added",
                        &at,
                        "added",
                        [around(&pair.old.1), site.location()],
                        wire,
                        at.rust.effect(),
                    );
                }
            }
        }
        for (status, site) in before.iter().filter(|(status, _)| !now.contains_key(*status)) {
            let at = at(status);
            let wire = OnWire::both(Shift::Narrower).described("", "this status no longer comes");
            self.report(
                "response-removed",
                &at,
                "removed",
                [site.location(), around(&pair.new.1)],
                wire,
                at.rust.effect(),
            );
        }
    }

    fn response(&mut self, old: &Site<'a>, new: &Site<'a>, at: At) {
        let carrier = at.carrier.clone();
        let at = match new.pointer.strip_prefix("/components/responses/") {
            Some(name) => At { subject: format!("shared response {name}"), part: String::new(), ..at },
            None => at,
        };
        self.once(old, new, &carrier, |comparer| comparer.response_parts(old, new, &at));
    }

    fn response_parts(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        self.words(old, new, &["description"], at);
        if let Some(delta) = Delta::of(old, new, "links") {
            self.words_of(&delta, "links", at, other_words(false));
        }
        self.headers(old, new, at);
        self.content(old, new, at);
        self.others(old, new, &["description", "links", "headers", "content"], at);
    }

    fn headers(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        let headers = |site: &Site<'a>| -> BTreeMap<String, Site<'a>> {
            let headers = site.get("headers").into_iter().flat_map(|headers| headers.entries().collect::<Vec<_>>());
            headers.map(|(name, site)| (name.to_ascii_lowercase(), site)).collect()
        };
        let (before, now) = (headers(old), headers(new));
        let around = |site: &Site<'a>| site.get("headers").unwrap_or_else(|| site.clone()).around();
        let inner = |site: &Site<'a>| {
            let name = site.pointer.rsplit('/').next().unwrap_or_default();
            let part =
                if at.part.is_empty() { format!("header `{name}`") } else { format!("{}, header `{name}`", at.part) };
            At { part, rust: InRust::nowhere(HEADERS_UNTYPED), ..at.clone() }
        };
        for (name, site) in &now {
            match before.get(name) {
                Some(counterpart) => {
                    let (counterpart, site) = (counterpart.resolved(), site.resolved());
                    let at = match site.pointer.strip_prefix("/components/headers/") {
                        Some(name) => {
                            At { subject: format!("shared header {name}"), part: String::new(), ..inner(&site) }
                        }
                        None => inner(&site),
                    };
                    self.once(&counterpart, &site, &at.carrier, |comparer| {
                        comparer.header_parts(&counterpart, &site, &at);
                    });
                }
                None => {
                    let wire = OnWire::both(Shift::Foreseen).described("", "responses hold one header more");
                    let at = inner(site);
                    self.report("header-added", &at, "added", [around(old), site.location()], wire, at.rust.effect());
                }
            }
        }
        for (_, site) in before.iter().filter(|(name, _)| !now.contains_key(*name)) {
            let wire = OnWire::both(Shift::Different).described("", "responses no longer hold it");
            let at = inner(site);
            self.report("header-removed", &at, "removed", [site.location(), around(new)], wire, at.rust.effect());
        }
    }

    fn header_parts(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        self.words(old, new, &["description", "example", "examples"], at);
        if old.flag("required") != new.flag("required") {
            let (summary, shift) = if new.flag("required") {
                ("always comes", Shift::Narrower)
            } else {
                ("may be left out", Shift::Wider)
            };
            self.report(
                "header-required",
                at,
                summary,
                [old.location(), new.location()],
                OnWire::both(shift),
                at.rust.effect(),
            );
        }
        if let Some(delta) = Delta::of(old, new, "schema") {
            match delta {
                Delta::Changed(before, now) => self.schema(&before, &now, at),
                delta => {
                    let summary = format!("schema {}", delta.happens());
                    self.report(
                        "other",
                        at,
                        summary,
                        delta.locations(),
                        OnWire::both(Shift::Different),
                        at.rust.effect(),
                    );
                }
            }
        }
        if old.flag("deprecated") != new.flag("deprecated") {
            self.deprecation(new.flag("deprecated"), [old.location(), new.location()], at);
        }
        // A header has one style only, in which `explode` matters for objects only, and headers are read as text.
        let known = ["description", "example", "examples", "required", "schema", "deprecated", "style"];
        self.others(old, new, &known, at);
    }

    /// Compares shared bodies, responses, headers and parameters that no operation has.
    pub(super) fn unused_components(&mut self) {
        self.unused_parameters();
        for (section, what) in [("requestBodies", "body"), ("responses", "response"), ("headers", "header")] {
            let (old, new) = (self.old.components(section), self.new.components(section));
            for (name, before) in &old {
                let Some(now) = new.get(name) else { continue };
                if self.was_compared(before, now) {
                    continue;
                }
                let at = At {
                    subject: format!("shared {what} {name}"),
                    part: String::new(),
                    carrier: Carrier::default(),
                    rust: InRust::nowhere("no operation has it"),
                };
                match section {
                    "requestBodies" => self.body_parts(before, now, &at),
                    "responses" => self.response_parts(before, now, &at),
                    _ => self.header_parts(before, now, &at),
                }
            }
        }
    }
}
