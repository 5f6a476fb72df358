//! The schemas as the validator's table holds them: what it walks along with a payload.
//!
//! The shapes come from the JSON Schema bundles, so that both can never differ. What a bundle holds and
//! this table can't express is rejected by name, rather than validated in part: lint reports it with its position, and the generator
//! writes no table.

mod rules;

use serde_json::{Map, Value};

use self::rules::{
    KNOWN, Unsupported, bounds, count, kinds, lookup, required, text, text_rule, unsupported, without_null,
};
use crate::naming::constant;
use crate::pointer::escaped;

pub use self::rules::whole_bounds;

/// The validator has no form for something in the contract.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{pointer}: the validator's table can't express {what}")]
pub struct ShapesError {
    /// Its position in the contract, as a JSON pointer.
    pub pointer: String,
    /// What it is.
    pub what: String,
}

/// What is valid for a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    /// The schema's name; empty where it has none.
    pub name: String,
    /// Its title; empty where it has none.
    pub title: String,
    /// Its description; empty where it has none.
    pub description: String,
    /// The names of the kinds of values that it takes; none means any.
    pub kinds: Vec<&'static str>,
    /// What holds for texts.
    pub text: Option<TextRule>,
    /// What holds for whole numbers.
    pub bounds: Option<Bounds>,
    /// What holds for lists.
    pub items: Option<Box<Items>>,
    /// What holds for objects.
    pub members: Option<Members>,
}

/// What is valid for a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextRule {
    /// Whether it is a date and a time.
    pub date: bool,
    /// The values that it may have, if it is one of a list.
    pub values: Vec<String>,
    /// Whether other values may come.
    pub open: bool,
    /// The least number of characters.
    pub least: Option<usize>,
    /// The greatest number of characters.
    pub most: Option<usize>,
}

/// The whole numbers that are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The least.
    pub least: i64,
    /// The greatest.
    pub most: i64,
}

/// What is valid for a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Items {
    /// Each element.
    pub slot: Slot,
    /// The least number of elements.
    pub least: Option<usize>,
    /// The greatest number of elements.
    pub most: Option<usize>,
}

/// A slot for a value: the rules of the slot itself, and the shape of the value.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// The shape.
    pub target: Target,
    /// The description; empty where there is none.
    pub description: String,
    /// Whether null is allowed there.
    pub nullable: bool,
    /// Whether only the service writes it.
    pub read_only: bool,
}

/// The shape that a slot has.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// That of the schema of this name.
    Named(String),
    /// One of its own.
    Unnamed(Box<Shape>),
}

/// What is valid for an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Members {
    /// The members that the contract knows, each with its slot.
    pub list: Vec<(String, Slot)>,
    /// How a member is found by its name.
    pub lookup: Lookup,
    /// One bit for each member that a response must have.
    pub required_in_responses: u64,
    /// One bit for each member that a request must have.
    pub required_in_requests: u64,
    /// Members that the contract doesn't know.
    pub others: Others,
}

/// What holds for members that the contract doesn't know.
#[derive(Clone, Debug, PartialEq)]
pub enum Others {
    /// They are reported, and are harmless.
    Unknown,
    /// Anything goes.
    Anything,
    /// Each of them has this slot.
    Each(Slot),
}

/// A table without collisions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookup {
    /// What keys are multiplied with.
    pub multiplier: u64,
    /// By how many bits the product is moved to the right.
    pub shift: u32,
    /// The member's position by slot.
    pub slots: Vec<u8>,
}

/// The shapes of all named schemas, in their order, and everything that has no form.
pub fn shapes(response: &Value, request: &Value) -> (Vec<Shape>, Vec<ShapesError>) {
    let nothing = Map::new();
    let definitions = response.get("$defs").and_then(Value::as_object).unwrap_or(&nothing);
    let mut table = Table { definitions, request, errors: Vec::new() };
    let shapes = definitions.iter().map(|(name, schema)| table.component(name, schema)).collect();
    (shapes, table.errors)
}

/// Everything in the schemas that the table can't express; lint reports it before anything is generated.
pub fn errors(response: &Value, request: &Value) -> Vec<ShapesError> {
    shapes(response, request).1
}

struct Table<'a> {
    definitions: &'a Map<String, Value>,
    request: &'a Value,
    /// What can't be expressed.
    errors: Vec<ShapesError>,
}

impl Table<'_> {
    /// The value, or a default once its error was recorded.
    fn noted<T: Default>(&mut self, at: &str, result: Result<T, Unsupported>) -> T {
        result.unwrap_or_else(|Unsupported(keyword, what)| {
            self.record(at, Some(keyword), what);
            T::default()
        })
    }

    /// Records what can't be expressed: in a keyword, or in the schema as a whole.
    fn record(&mut self, at: &str, keyword: Option<&str>, what: impl Into<String>) {
        let pointer = keyword.map_or_else(|| at.to_owned(), |keyword| below(at, keyword));
        self.errors.push(ShapesError { pointer, what: what.into() });
    }

    /// The shape of a named schema.
    fn component(&mut self, name: &str, schema: &Value) -> Shape {
        let at = below("/components/schemas", name);
        if OWN_STATICS.contains(&constant(name).as_str()) {
            self.record(&at, None, "a schema of this name");
        }
        if !["properties", "oneOf", "type"].iter().any(|keyword| schema.get(keyword).is_some()) {
            let composed = ["$ref", "allOf", "anyOf"].into_iter().find(|keyword| schema.get(keyword).is_some());
            if let Some(keyword) = composed {
                self.record(&at, Some(keyword), format!("a named schema that is only a `{keyword}`"));
            }
        }
        self.shape(&at, schema, name)
    }

    /// A slot for a value: the rules of the slot itself, and the shape that it points to.
    fn slot(&mut self, at: &str, schema: &Value) -> Slot {
        let mut nullable = false;
        let mut inner = schema;
        let mut at = at.to_owned();
        let mut description = text(schema, "description");
        let flag = |key: &str| schema.get(key) == Some(&Value::Bool(true));
        let read_only = flag("readOnly");
        let target = loop {
            if let Some(target) = inner.get("$ref").and_then(Value::as_str) {
                let name = target.rsplit('/').next().unwrap_or_default();
                if !self.definitions.contains_key(name) {
                    self.record(&at, Some("$ref"), format!("the reference {target}"));
                }
                break Target::Named(name.to_owned());
            }
            if let Some(all) = inner.get("allOf").and_then(Value::as_array) {
                let [only] = all.as_slice() else {
                    break Target::Unnamed(self.noted(&at, unsupported("allOf", "an `allOf` of several schemas")));
                };
                inner = only;
                at.push_str("/allOf/0");
                continue;
            }
            // The contract writes it as `nullable`, at the same position.
            if let Some([one, null]) = inner.get("anyOf").and_then(Value::as_array).map(Vec::as_slice)
                && null.get("type").and_then(Value::as_str) == Some("null")
            {
                nullable = true;
                inner = one;
                continue;
            }
            if description.is_empty() {
                description = text(inner, "description");
            }
            let mut plain = inner.clone();
            if let Some(object) = plain.as_object_mut() {
                nullable |= without_null(object);
                for annotation in ["description", "readOnly", "writeOnly", "examples"] {
                    object.remove(annotation);
                }
            }
            break Target::Unnamed(Box::new(self.shape(&at, &plain, "")));
        };
        Slot { target, description, nullable, read_only }
    }

    /// A shape, with its name where it has one.
    fn shape(&mut self, at: &str, schema: &Value, name: &str) -> Shape {
        let Some(object) = schema.as_object() else {
            self.record(at, None, "a schema that is not an object");
            return Shape::default();
        };
        for keyword in object.keys() {
            if !KNOWN.contains(&keyword.as_str()) && !keyword.starts_with("x-") {
                self.record(at, Some(keyword), format!("the keyword `{keyword}`"));
            }
        }
        Shape {
            name: name.to_owned(),
            title: text(schema, "title"),
            description: text(schema, "description"),
            kinds: self.noted(at, kinds(object)),
            text: self.noted(at, text_rule(object)),
            bounds: self.noted(at, bounds(object)),
            items: object.get("items").map(|items| {
                let slot = self.slot(&below(at, "items"), items);
                let least = self.noted(at, count(object, "minItems"));
                let most = self.noted(at, count(object, "maxItems"));
                Box::new(Items { slot, least, most })
            }),
            members: self.members(at, object, name),
        }
    }

    fn members(&mut self, at: &str, object: &Map<String, Value>, name: &str) -> Option<Members> {
        let nothing = Map::new();
        let properties = object.get("properties").and_then(Value::as_object);
        let additional = object.get("additionalProperties");
        if properties.is_none() && additional.is_none() {
            return None;
        }
        let properties = properties.unwrap_or(&nothing);
        if properties.len() > 64 {
            return self.noted(at, unsupported("properties", "more than 64 members"));
        }
        let names: Vec<&str> = properties.keys().map(String::as_str).collect();
        let mut list = Vec::new();
        for (member, schema) in properties {
            list.push((member.clone(), self.slot(&below(&below(at, "properties"), member), schema)));
        }
        let required_in_responses = required(&names, Some(object));
        let required_in_requests = if name.is_empty() {
            required_in_responses
        } else {
            required(&names, self.request.pointer(&format!("/$defs/{name}")).and_then(Value::as_object))
        };
        let others = match additional {
            None => Others::Unknown,
            Some(Value::Bool(true)) => Others::Anything,
            Some(Value::Object(schema)) if schema.is_empty() => Others::Anything,
            Some(additional @ Value::Object(_)) => {
                Others::Each(self.slot(&below(at, "additionalProperties"), additional))
            }
            Some(_) => {
                self.record(at, Some("additionalProperties"), "an object that takes no other members");
                Others::Unknown
            }
        };
        let what = "members whose names differ in nothing but letter case, or are not ASCII";
        let lookup = self.noted(at, lookup(&names).ok_or_else(|| Unsupported("properties", what.to_owned())));
        Some(Members { list, lookup, required_in_responses, required_in_requests, others })
    }
}

/// The pointer of the value under a key.
fn below(at: &str, key: &str) -> String {
    format!("{at}/{}", escaped(key))
}

/// Statics of the table itself.
const OWN_STATICS: [&str; 2] = ["OPERATIONS", "SHAPES"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_errors_are_reported_together() {
        let member = json!({ "type": "array", "uniqueItems": true, "items": { "type": "string", "pattern": "x" } });
        let bundle = json!({ "$defs": { "A": { "type": "object", "properties": { "a": member } }, "Shapes": {} } });
        let positions: Vec<String> = errors(&bundle, &bundle).into_iter().map(|error| error.pointer).collect();
        assert_eq!(
            positions,
            [
                "/components/schemas/A/properties/a/uniqueItems",
                "/components/schemas/A/properties/a/items/pattern",
                "/components/schemas/Shapes",
            ]
        );
    }
}
