//! The public surface of a crate, as rustdoc reports it, and how two of them differ.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::verdict::Verdict;

/// rustdoc's JSON isn't what this was written for.
#[derive(Debug, thiserror::Error)]
#[error("rustdoc's JSON holds no {0}; its format may have changed")]
pub struct UnknownFormat(&'static str);

/// Everything that users of a crate can name, by path.
#[derive(Debug, Default)]
pub struct Surface {
    entries: BTreeMap<String, Entry>,
    /// The documentation of each item, by path.
    docs: BTreeMap<String, String>,
}

/// One item of the surface.
#[derive(Debug, PartialEq)]
struct Entry {
    /// What people call it.
    shown: String,
    /// Its form, without positions and ids.
    form: Value,
    /// What it means for users when it comes.
    arrival: Arrival,
}

/// What it means for users when an item comes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Arrival {
    /// Nothing breaks.
    Harmless,
    /// What contains it was complete: a match, a literal, an implementation no longer is.
    Breaking,
}

/// How two surfaces differ.
#[derive(Debug, PartialEq)]
pub struct Difference {
    /// What it asks of the next version.
    pub verdict: Verdict,
    /// The items that lead to it.
    pub reasons: Vec<String>,
}

impl Surface {
    /// Reads rustdoc's JSON.
    ///
    /// # Errors
    /// When it has another form than the one that is known.
    pub fn read(rustdoc: &Value) -> Result<Self, UnknownFormat> {
        let index = rustdoc.get("index").and_then(Value::as_object).ok_or(UnknownFormat("index"))?;
        let paths = rustdoc.get("paths").and_then(Value::as_object).ok_or(UnknownFormat("paths"))?;
        let root = rustdoc.get("root").map(Value::to_string).ok_or(UnknownFormat("root"))?;
        let mut reader = Reader { index, paths, surface: Self::default(), inside: BTreeSet::new() };
        reader.item("crate", &root, Arrival::Harmless);
        reader.implementations();
        if reader.surface.entries.is_empty() {
            return Err(UnknownFormat("items"));
        }
        Ok(reader.surface)
    }

    /// What changed from this surface to a later one.
    pub fn compare(&self, later: &Self) -> Difference {
        let mut verdict = Verdict::None;
        let mut reasons = Vec::new();
        let mut found = |level: Verdict, reason: String| {
            verdict = verdict.max(level);
            reasons.push((level, reason));
        };
        for (path, entry) in &self.entries {
            match later.entries.get(path) {
                None => found(Verdict::Major, format!("{} is gone", entry.shown)),
                Some(other) if other.form != entry.form => found(Verdict::Major, format!("{} changed", entry.shown)),
                Some(_) => {}
            }
        }
        for (path, entry) in later.entries.iter().filter(|(path, _)| !self.entries.contains_key(*path)) {
            let around_is_new = path
                .rsplit_once("::")
                .is_some_and(|(around, _)| later.entries.contains_key(around) && !self.entries.contains_key(around));
            let level = match entry.arrival {
                Arrival::Breaking if !around_is_new => Verdict::Major,
                _ => Verdict::Minor,
            };
            found(level, format!("{} is new", entry.shown));
        }
        if self.docs != later.docs {
            found(Verdict::Patch, "documentation".to_owned());
        }
        reasons.retain(|(level, _)| *level == verdict);
        // What people write comes before the implementations that go with it.
        reasons.sort_by_key(|(_, reason)| reason.starts_with("impl "));
        let reasons = reasons.into_iter().map(|(_, reason)| reason).collect();
        Difference { verdict, reasons }
    }
}

struct Reader<'a> {
    index: &'a Map<String, Value>,
    paths: &'a Map<String, Value>,
    surface: Surface,
    /// Modules that are being read: a module may show itself again inside.
    inside: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    /// Reads an item and what is inside it.
    fn item(&mut self, path: &str, id: &str, arrival: Arrival) {
        let Some(item) = self.index.get(id) else { return };
        if let Some(docs) = item["docs"].as_str() {
            self.surface.docs.insert(path.to_owned(), docs.to_owned());
        }
        let Some((kind, inner)) = item["inner"].as_object().and_then(|inner| inner.iter().next()) else { return };
        let open = attributes(item).contains(&json!("non_exhaustive"));
        match kind.as_str() {
            "module" => self.module(path, id, inner),
            "use" => {
                let target = inner["id"].to_string();
                // The reexported item has the name that the `use` gives it.
                if self.index.contains_key(&target) {
                    self.item(path, &target, arrival);
                } else {
                    self.put(path, json!({ "use": inner["source"] }), arrival);
                }
            }
            "struct" => {
                let stripped = inner.pointer("/kind/plain/has_stripped_fields") == Some(&Value::Bool(true));
                self.put(
                    path,
                    json!({ "struct": self.plain(&inner["generics"]), "attributes": attributes(item) }),
                    arrival,
                );
                let fields = inner.pointer("/kind/plain/fields").or_else(|| inner.pointer("/kind/tuple"));
                let arrival = if open || stripped { Arrival::Harmless } else { Arrival::Breaking };
                self.children(path, fields, arrival);
                self.inherent(path, inner);
            }
            "enum" => {
                self.put(
                    path,
                    json!({ "enum": self.plain(&inner["generics"]), "attributes": attributes(item) }),
                    arrival,
                );
                let arrival = if open { Arrival::Harmless } else { Arrival::Breaking };
                self.children(path, inner.get("variants"), arrival);
                self.inherent(path, inner);
            }
            "variant" => {
                self.put(path, json!({ "variant": shape(&inner["kind"]) }), arrival);
                let fields = inner.pointer("/kind/tuple").or_else(|| inner.pointer("/kind/struct/fields"));
                self.children(path, fields, Arrival::Breaking);
            }
            "trait" => {
                let bounds = self.plain(&inner["bounds"]);
                // No other crate can implement a trait that asks for a private one.
                let sealed = bounds.to_string().contains("Sealed");
                self.put(path, json!({ "trait": bounds, "generics": self.plain(&inner["generics"]) }), arrival);
                for id in inner["items"].as_array().into_iter().flatten().map(Value::to_string) {
                    let Some(item) = self.index.get(&id) else { continue };
                    let given = item.pointer("/inner/function/has_body") == Some(&Value::Bool(true));
                    let arrival = if sealed || given { Arrival::Harmless } else { Arrival::Breaking };
                    self.item(&format!("{path}::{}", name(item)), &id, arrival);
                }
            }
            "constant" | "assoc_const" => self.put(path, json!({ "constant": self.plain(&inner["type"]) }), arrival),
            _ => self.put(path, json!({ kind: self.plain(inner) }), arrival),
        }
    }

    fn module(&mut self, path: &str, id: &str, inner: &'a Value) {
        if !self.inside.insert(id.to_owned()) {
            return;
        }
        self.put(path, json!("module"), Arrival::Harmless);
        for id in inner["items"].as_array().into_iter().flatten().map(Value::to_string) {
            let Some(item) = self.index.get(&id) else { continue };
            let name = item.pointer("/inner/use/name").and_then(Value::as_str).unwrap_or_else(|| name(item));
            // Implementations have no name; they are read on their own.
            if !name.is_empty() {
                self.item(&format!("{path}::{name}"), &id, Arrival::Harmless);
            }
        }
        self.inside.remove(id);
    }

    fn children(&mut self, path: &str, ids: Option<&Value>, arrival: Arrival) {
        for (position, id) in ids.and_then(Value::as_array).into_iter().flatten().enumerate() {
            let id = id.to_string();
            let Some(item) = self.index.get(&id) else { continue };
            let name = if name(item).is_empty() { position.to_string() } else { name(item).to_owned() };
            self.item(&format!("{path}::{name}"), &id, arrival);
        }
    }

    /// Methods and constants of a type's own.
    fn inherent(&mut self, path: &str, inner: &'a Value) {
        for id in inner["impls"].as_array().into_iter().flatten().map(Value::to_string) {
            let Some(block) = self.index.get(&id).and_then(|item| item.pointer("/inner/impl")) else { continue };
            if block["trait"].is_null() {
                self.children(path, block.get("items"), Arrival::Harmless);
            }
        }
    }

    /// Which types implement which traits, with the types that go with it.
    fn implementations(&mut self) {
        let index = self.index;
        for block in index.values().filter_map(|item| item.pointer("/inner/impl")) {
            if block["trait"].is_null() || !block["blanket_impl"].is_null() {
                continue;
            }
            let kinds: BTreeMap<&str, Value> = block["items"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|id| index.get(&id.to_string()))
                .filter_map(|item| Some((name(item), self.plain(item.pointer("/inner/assoc_type/type")?))))
                .collect();
            let [what, target] = ["trait", "for"].map(|part| self.plain(&block[part]));
            let path = format!("impl {what} for {target}");
            let names = named(&what).zip(named(&target));
            let shown = names.map_or_else(|| path.clone(), |(what, target)| format!("impl {what} for {target}"));
            let form =
                json!({ "generics": self.plain(&block["generics"]), "negative": block["is_negative"], "types": kinds });
            self.surface.entries.insert(path, Entry { shown, form, arrival: Arrival::Harmless });
        }
    }

    fn put(&mut self, path: &str, form: Value, arrival: Arrival) {
        self.surface.entries.insert(path.to_owned(), Entry { shown: path.to_owned(), form, arrival });
    }

    /// The value with the paths of items instead of their ids.
    fn plain(&self, value: &Value) -> Value {
        match value {
            Value::Object(entries) if entries.contains_key("id") && entries.contains_key("path") => {
                let path = self.paths.get(&entries["id"].to_string()).and_then(|summary| summary.get("path"));
                let path = path.map_or_else(|| entries["path"].clone(), Value::clone);
                json!({ "path": path, "args": self.plain(entries.get("args").unwrap_or(&Value::Null)) })
            }
            Value::Object(entries) => {
                entries.iter().map(|(key, value)| (key.clone(), self.plain(value))).collect::<Map<_, _>>().into()
            }
            Value::Array(elements) => elements.iter().map(|value| self.plain(value)).collect(),
            other => other.clone(),
        }
    }
}

/// The last part of the path of a type or trait, by which people name it wherever it lies.
fn named(plain: &Value) -> Option<&str> {
    let path = plain.get("path").or_else(|| plain.pointer("/resolved_path/path"))?;
    path.as_array()?.last()?.as_str()
}

fn name(item: &Value) -> &str {
    item["name"].as_str().unwrap_or_default()
}

/// The attributes that users of a type feel.
fn attributes(item: &Value) -> Vec<Value> {
    let felt = |attribute: &&Value| {
        *attribute == "non_exhaustive" || attribute.get("must_use").is_some() || attribute.get("repr").is_some()
    };
    item["attrs"].as_array().into_iter().flatten().filter(felt).cloned().collect()
}

/// Whether a variant is plain, a tuple or a struct.
fn shape(kind: &Value) -> Value {
    kind.as_object().and_then(|kind| kind.keys().next().map(|key| json!(key))).unwrap_or_else(|| kind.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A crate with a struct `S` of these fields, an enum `E` of these variants, and a trait `T` of these methods.
    fn surface(open: bool, fields: &[&str], variants: &[&str], methods: &[&str], docs: &str) -> Surface {
        let attributes = if open { json!(["non_exhaustive", { "other": "#[allow(x)]" }]) } else { json!([]) };
        let mut index = json!({
            "0": { "name": "c", "docs": docs, "attrs": [], "inner": { "module": { "items": [1, 2, 3] } } },
            "1": { "name": "S", "attrs": attributes, "inner": { "struct": {
                "kind": { "plain": { "fields": [], "has_stripped_fields": false } }, "generics": {}, "impls": [] } } },
            "2": { "name": "E", "attrs": attributes, "inner": { "enum": { "generics": {}, "variants": [], "impls": [] } } },
            "3": { "name": "T", "attrs": [], "inner": { "trait": { "bounds": [], "generics": {}, "items": [] } } },
        });
        let mut id = 10;
        let mut put = |list: &str, name: &str, inner: Value| {
            index[id.to_string()] = json!({ "name": name, "attrs": [], "inner": inner });
            index.pointer_mut(list).unwrap().as_array_mut().unwrap().push(json!(id));
            id += 1;
        };
        for field in fields {
            let (name, kind) = field.split_once(':').unwrap();
            put("/1/inner/struct/kind/plain/fields", name, json!({ "struct_field": { "primitive": kind } }));
        }
        for variant in variants {
            put("/2/inner/enum/variants", variant, json!({ "variant": { "kind": "plain" } }));
        }
        for method in methods {
            put("/3/inner/trait/items", method, json!({ "function": { "sig": {}, "has_body": false } }));
        }
        Surface::read(&json!({ "root": 0, "index": index, "paths": {} })).unwrap()
    }

    fn verdict(old: &Surface, new: &Surface) -> Verdict {
        old.compare(new).verdict
    }

    #[test]
    fn what_is_open_may_grow_and_what_is_closed_may_not() {
        let grown = |open| {
            verdict(&surface(open, &["a:u8"], &["A"], &[], ""), &surface(open, &["a:u8", "b:u8"], &["A", "B"], &[], ""))
        };
        assert_eq!(grown(true), Verdict::Minor);
        assert_eq!(grown(false), Verdict::Major);
    }

    #[test]
    fn what_goes_or_becomes_something_else_breaks() {
        let old = surface(true, &["a:u8"], &["A"], &["m"], "");
        assert_eq!(verdict(&old, &surface(true, &[], &["A"], &["m"], "")), Verdict::Major);
        assert_eq!(verdict(&old, &surface(true, &["a:i8"], &["A"], &["m"], "")), Verdict::Major);
        assert_eq!(verdict(&old, &surface(true, &["a:u8"], &[], &["m"], "")), Verdict::Major);
        assert_eq!(verdict(&old, &surface(false, &["a:u8"], &["A"], &["m"], "")), Verdict::Major);
    }

    #[test]
    fn a_method_that_implementors_lack_breaks() {
        let old = surface(true, &[], &[], &["m"], "");
        assert_eq!(verdict(&old, &surface(true, &[], &[], &["m", "n"], "")), Verdict::Major);
    }

    #[test]
    fn implementations_are_told_by_the_names_of_their_types() {
        let surface = |implemented: bool| {
            let mut index = json!({
                "0": { "name": "c", "docs": "", "attrs": [], "inner": { "module": { "items": [] } } },
            });
            if implemented {
                index["1"] = json!({ "name": null, "attrs": [], "inner": { "impl": {
                    "trait": { "id": 5, "path": "Default", "args": null },
                    "for": { "resolved_path": { "id": 6, "path": "Renewal", "args": null } },
                    "items": [], "generics": {}, "is_negative": false, "blanket_impl": null,
                } } });
            }
            let paths = json!({
                "5": { "path": ["core", "default", "Default"] },
                "6": { "path": ["c", "types", "Renewal"] },
            });
            Surface::read(&json!({ "root": 0, "index": index, "paths": paths })).unwrap()
        };
        assert_eq!(surface(true).compare(&surface(false)).reasons, ["impl Default for Renewal is gone"]);
        assert_eq!(surface(false).compare(&surface(true)).reasons, ["impl Default for Renewal is new"]);
    }

    #[test]
    fn words_are_a_patch_and_order_is_nothing() {
        let old = surface(true, &["a:u8", "b:u8"], &["A", "B"], &[], "one");
        assert_eq!(verdict(&old, &surface(true, &["a:u8", "b:u8"], &["A", "B"], &[], "two")), Verdict::Patch);
        assert_eq!(verdict(&old, &surface(true, &["b:u8", "a:u8"], &["B", "A"], &[], "one")), Verdict::None);
    }

    #[test]
    fn another_format_is_rejected() {
        assert!(Surface::read(&json!({ "index": {} })).is_err());
    }
}
