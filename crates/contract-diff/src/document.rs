//! The contract's own data: title, version, servers, tags, ways to authenticate.

use std::collections::BTreeMap;

use contract::operations::METHODS;
use contract::site::Site;

use super::comparable::{Carrier, Contract};
use super::comparer::{At, Comparer, Delta, InRust, other_words};
use super::verdict::{Direction, Effect, OnWire, Shift, Verdict};

/// Keys of the root that are compared by their meaning, here or elsewhere.
const KNOWN: [&str; 8] = ["openapi", "info", "externalDocs", "servers", "tags", "paths", "components", "security"];

/// Keys of `info` that end up in the documentation of the generated client.
const DOCUMENTED: [&str; 2] = ["title", "description"];

impl<'a> Comparer<'a> {
    pub(super) fn document(&mut self) {
        let (old, new) = (self.old.root(), self.new.root());
        let at = about("the contract", "", Direction::None, "nothing is generated from it");
        self.words(&old, &new, &["openapi", "externalDocs"], &at);
        self.others(&old, &new, &KNOWN, &at);
        if let (Some(before), Some(now)) = (old.get("info"), new.get("info")) {
            self.info(&before, &now);
        }
        self.servers(&old, &new);
        self.tags(&old, &new);
        self.path_items();
        self.security_schemes();
        self.shared_asides();
    }

    fn info(&mut self, old: &Site<'a>, new: &Site<'a>) {
        let at = about("the contract", "", Direction::None, "nothing is generated from it");
        let mut keys: Vec<&str> = old.entries().chain(new.entries()).map(|(key, _)| key).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let Some(delta) = Delta::of(old, new, key) else { continue };
            if key == "version" {
                let summary = format!("version {}", delta.transition());
                let rust = Effect::new(Verdict::Patch, "the client reports the new version");
                self.report("contract-version", &at, summary, delta.locations(), OnWire::both(Shift::Words), rust);
            } else {
                let rust = if DOCUMENTED.contains(&key) { other_words(true) } else { at.rust.effect() };
                self.words_of(&delta, key, &at, rust);
            }
        }
    }

    fn servers(&mut self, old: &Site<'a>, new: &Site<'a>) {
        let servers = |root: &Site<'a>| -> BTreeMap<&'a str, Site<'a>> {
            let servers = root.get("servers").into_iter().flat_map(|servers| servers.elements().collect::<Vec<_>>());
            servers.filter_map(|server| Some((server.text("url")?, server))).collect()
        };
        let (before, now) = (servers(old), servers(new));
        let around = |root: &Site<'a>| root.get("servers").unwrap_or_else(|| root.clone()).around();
        for (url, site) in &now {
            let at = about(&format!("server {url}"), "", Direction::Request, "the base address is given by the caller");
            match before.get(url) {
                Some(counterpart) => {
                    self.words(counterpart, site, &["description"], &at);
                    self.others(counterpart, site, &["url", "description"], &at);
                }
                None => {
                    let wire = OnWire::both(Shift::Wider).described("requests may go there too", "");
                    self.report("server-added", &at, "added", [around(old), site.location()], wire, at.rust.effect());
                }
            }
        }
        for (url, site) in before.iter().filter(|(url, _)| !now.contains_key(*url)) {
            let at = about(&format!("server {url}"), "", Direction::Request, "the base address is given by the caller");
            let wire = OnWire::both(Shift::Narrower).described("requests that go there may not be received", "");
            self.report("server-removed", &at, "removed", [site.location(), around(new)], wire, at.rust.effect());
        }
    }

    fn tags(&mut self, old: &Site<'a>, new: &Site<'a>) {
        let tags = |root: &Site<'a>| -> BTreeMap<&'a str, Site<'a>> {
            let tags = root.get("tags").into_iter().flat_map(|tags| tags.elements().collect::<Vec<_>>());
            tags.filter_map(|tag| Some((tag.text("name")?, tag))).collect()
        };
        let (before, now) = (tags(old), tags(new));
        let around = |root: &Site<'a>| root.get("tags").unwrap_or_else(|| root.clone());
        for name in before.keys().chain(now.keys().filter(|name| !before.contains_key(*name))) {
            let at = about(&format!("tag {name}"), "", Direction::None, "nothing is generated from it");
            match (before.get(name), now.get(name)) {
                (Some(old), Some(new)) => self.words(old, new, &["description", "externalDocs"], &at),
                (before, now) => {
                    if let Some(delta) = Delta::between(&around(old), before.cloned(), &around(new), now.cloned()) {
                        self.report(
                            "words",
                            &at,
                            delta.happens(),
                            delta.locations(),
                            OnWire::both(Shift::Words),
                            at.rust.effect(),
                        );
                    }
                }
            }
        }
    }

    /// What is next to the operations of a path.
    fn path_items(&mut self) {
        let (Some(old), Some(new)) = (self.old.at("/paths"), self.new.at("/paths")) else { return };
        for (path, now) in new.entries() {
            let Some(before) = old.get(path) else { continue };
            let at = about(path, "", Direction::Request, "nothing is generated from it");
            self.words(&before, &now, &["summary", "description"], &at);
            let mut known = vec!["summary", "description", "parameters"];
            known.extend(METHODS);
            self.others(&before, &now, &known, &at);
        }
    }

    fn security_schemes(&mut self) {
        let (old, new) = (self.old.components("securitySchemes"), self.new.components("securitySchemes"));
        let around = |contract: &'a Contract| contract.at("/components").unwrap_or_else(|| contract.root()).around();
        let why = "credentials are chosen by the caller";
        for (name, now) in &new {
            let at = about(&format!("security scheme {name}"), "", Direction::Request, why);
            match old.get(name) {
                Some(before) => self.security_scheme(before, now, &at),
                None => {
                    let wire = OnWire::both(Shift::Foreseen).described("there is one more way to authenticate", "");
                    self.report(
                        "sign-in-added",
                        &at,
                        "added",
                        [around(self.old), now.location()],
                        wire,
                        at.rust.effect(),
                    );
                }
            }
        }
        for (name, before) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
            let at = about(&format!("security scheme {name}"), "", Direction::Request, why);
            let wire = OnWire::both(Shift::Words);
            self.report(
                "sign-in-removed",
                &at,
                "removed",
                [before.location(), around(self.new)],
                wire,
                at.rust.effect(),
            );
        }
    }

    /// Words are words; everything else in a way to sign in is needed to do so.
    fn security_scheme(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        let mut keys: Vec<&str> = old.entries().chain(new.entries()).map(|(key, _)| key).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let Some(delta) = Delta::of(old, new, key) else { continue };
            match (key, &delta) {
                ("description", _) => self.words_of(&delta, key, at, at.rust.effect()),
                ("scopes", Delta::Changed(before, now)) => self.scopes(before, now, at),
                (_, Delta::Changed(before, now)) if before.node.as_map().is_some() && now.node.as_map().is_some() => {
                    let part = if at.part.is_empty() { key.to_owned() } else { format!("{}, {key}", at.part) };
                    self.security_scheme(before, now, &At { part, ..at.clone() });
                }
                _ => {
                    let wire = OnWire::both(Shift::Different)
                        .described("callers that authenticate as before may be rejected", "");
                    let summary = format!("`{key}` {}", delta.transition());
                    self.report("sign-in-changed", at, summary, delta.locations(), wire, at.rust.effect());
                }
            }
        }
    }

    fn scopes(&mut self, old: &Site<'a>, new: &Site<'a>, at: &At) {
        for (scope, now) in new.entries() {
            match old.get(scope) {
                Some(before) if before.node.same_value(now.node) => {}
                Some(before) => self.words_of(&Delta::Changed(before, now), "scope", at, at.rust.effect()),
                None => {
                    let wire = OnWire::both(Shift::Foreseen).described("there is one more scope to ask for", "");
                    let summary = format!("scope `{scope}` added");
                    self.report("scope-added", at, summary, [old.around(), now.location()], wire, at.rust.effect());
                }
            }
        }
        for (scope, before) in old.entries().filter(|(scope, _)| new.get(scope).is_none()) {
            let wire = OnWire::both(Shift::Narrower).described("callers that ask for this scope may be rejected", "");
            let summary = format!("scope `{scope}` removed");
            self.report("scope-removed", at, summary, [before.location(), new.around()], wire, at.rust.effect());
        }
    }

    /// Shared parts that are compared as a whole.
    fn shared_asides(&mut self) {
        let around = |contract: &'a Contract| contract.at("/components").unwrap_or_else(|| contract.root());
        let words = ("words", OnWire::both(Shift::Words), Direction::None);
        for (section, what, (kind, wire, direction)) in [
            ("examples", "example", words),
            ("links", "link", words),
            ("callbacks", "callback", ("other", OnWire::both(Shift::Different), Direction::Both)),
        ] {
            let (old, new) = (self.old.components(section), self.new.components(section));
            for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
                let (before, now) = (old.get(name).cloned(), new.get(name).cloned());
                if let Some(delta) = Delta::between(&around(self.old), before, &around(self.new), now) {
                    let at = about(&format!("{what} {name}"), "", direction, "nothing is generated from it");
                    self.report(kind, &at, delta.happens(), delta.locations(), wire, at.rust.effect());
                }
            }
        }
    }
}

fn about(subject: &str, part: &str, direction: Direction, rust: &str) -> At {
    At {
        subject: subject.to_owned(),
        part: part.to_owned(),
        carrier: Carrier { direction, ..Carrier::default() },
        rust: InRust::nowhere(rust),
    }
}
