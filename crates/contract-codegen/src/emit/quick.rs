//! Code that accepts a parsed response quickly: one function for each schema of an object, a `match` over the names.
//!
//! What it accepts is valid for certain. What it doesn't accept is validated again by the walk over the shapes, so it may give
//! up wherever exactness would cost.

use std::collections::BTreeSet;

use contract::naming::snake;
use contract::shapes;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::{Map, Value};

/// Whether a schema gets a function.
pub fn is_covered(schema: &Value) -> bool {
    schema.get("type").is_some_and(|kind| kind == "object") && schema.get("properties").is_some()
}

/// `OrderLineItem` -> `order_line_item`.
pub fn function_name(schema: &str) -> Ident {
    format_ident!("{}", snake(schema))
}

/// Whether values of a schema may hold others of it, to any depth. Its function counts the levels, and gives up early: the walk
/// over the shapes has the exact limit.
pub fn is_recursive(definitions: &Map<String, Value>, name: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut left = vec![name];
    while let Some(next) = left.pop() {
        for target in definitions.get(next).into_iter().flat_map(references) {
            if target == name {
                return true;
            }
            if seen.insert(target) {
                left.push(target);
            }
        }
    }
    false
}

/// The names of the schemas that a schema refers to.
fn references(schema: &Value) -> Vec<&str> {
    match schema {
        Value::Array(values) => values.iter().flat_map(references).collect(),
        Value::Object(object) => {
            let own = object.get("$ref").and_then(Value::as_str).and_then(|target| target.rsplit('/').next());
            own.into_iter().chain(object.values().flat_map(references)).collect()
        }
        _ => Vec::new(),
    }
}

/// The file `quick.rs`, from the bundle of responses.
pub fn functions(response: &Value) -> TokenStream {
    let nothing = Map::new();
    let definitions = response.get("$defs").and_then(Value::as_object).unwrap_or(&nothing);
    let functions = definitions
        .iter()
        .filter(|(_, schema)| is_covered(schema))
        .map(|(name, schema)| function(definitions, name, schema));
    quote! {
        use serde_json::{Map, Value};

        use crate::quick::{has_length, is_date, is_within};

        #(#functions)*
    }
}

fn function(definitions: &Map<String, Value>, name: &str, schema: &Value) -> TokenStream {
    let ident = function_name(name);
    let position = Position { definitions, recursive: is_recursive(definitions, name) };
    let (parameter, count) = if position.recursive {
        (quote!(, levels: usize), quote!(let Some(levels) = levels.checked_sub(1) else { return false };))
    } else {
        (quote!(), quote!())
    };
    let is_required = |member: &str| {
        schema.get("required").and_then(Value::as_array).is_some_and(|names| names.iter().any(|known| known == member))
    };
    let mut required: u64 = 0;
    let mut arms = Vec::new();
    for (index, (member, property)) in
        schema.get("properties").and_then(Value::as_object).into_iter().flatten().enumerate()
    {
        let mark = is_required(member).then(|| {
            let bit: u64 = 1 << index;
            required |= bit;
            quote!(seen |= #bit;)
        });
        let accepts = accepts(position, property, is_required(member));
        arms.push(quote!(#member => { #mark #accepts }));
    }
    let (declare, all) = if required == 0 {
        (quote!(), quote!(true))
    } else {
        (quote!(let mut seen: u64 = 0;), quote!(seen == #required))
    };
    quote! {
        pub(crate) fn #ident<const STRICT: bool>(object: &Map<String, Value> #parameter) -> bool {
            #count
            #declare
            for (name, value) in object {
                let accepted = match name.as_str() {
                    #(#arms)*
                    _ => !STRICT,
                };
                if !accepted {
                    return false;
                }
            }
            #all
        }
    }
}

/// Where a value is asked about.
#[derive(Clone, Copy)]
struct Position<'a> {
    definitions: &'a Map<String, Value>,
    /// Whether the function around it counts levels.
    recursive: bool,
}

impl Position<'_> {
    /// A call of the function of a schema, for `object`.
    fn call(self, name: &str) -> TokenStream {
        let function = function_name(name);
        match (is_recursive(self.definitions, name), self.recursive) {
            (false, _) => quote!(#function::<STRICT>(object)),
            (true, false) => quote!(#function::<STRICT>(object, crate::quick::MOST_LEVELS)),
            (true, true) => quote!(#function::<STRICT>(object, levels)),
        }
    }
}

/// Whether `value` is accepted at this position.
fn accepts(position: Position<'_>, property: &Value, required: bool) -> TokenStream {
    let mut nullable = false;
    let mut plain = property;
    let accepted = loop {
        if let Some(name) = plain.get("$ref").and_then(Value::as_str).and_then(|target| target.rsplit('/').next()) {
            match position.definitions.get(name) {
                Some(schema) if is_covered(schema) => {
                    let call = position.call(name);
                    break quote!(value.as_object().is_some_and(|object| #call));
                }
                Some(schema) => plain = schema,
                None => break quote!(value.is_null()),
            }
        } else if let Some(inner) = plain.pointer("/allOf/0") {
            plain = inner;
        } else if let Some(inner) = plain.pointer("/anyOf/0") {
            nullable = true;
            plain = inner;
        } else {
            break plain_value(position, plain);
        }
    };
    nullable |=
        plain.get("type").and_then(Value::as_array).is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"));
    match (nullable, required) {
        // Most values are there, so they are asked first what most of them are.
        (true, _) => quote!(#accepted || value.is_null()),
        (false, false) => quote!(#accepted || (!STRICT && value.is_null())),
        (false, true) => accepted,
    }
}

fn plain_value(position: Position<'_>, schema: &Value) -> TokenStream {
    if let Some(branches) = schema.get("oneOf").and_then(Value::as_array) {
        let branches = branches.iter().map(|branch| plain_value(position, branch));
        return quote!(#(#branches)||*);
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        kind => kind.and_then(Value::as_str),
    };
    match kind {
        Some("string") => text(schema),
        Some("integer") => {
            let (least, most) = schema.as_object().and_then(shapes::whole_bounds).unwrap_or((i64::MIN, i64::MAX));
            quote!(is_within(value, #least, #most))
        }
        // A bounded fraction is rare enough for the walk over the shapes.
        Some("number") if schema.get("minimum").is_some() || schema.get("maximum").is_some() => quote!(value.is_null()),
        Some("number") => quote!(value.as_f64().is_some_and(f64::is_finite)),
        Some("boolean") => quote!(value.is_boolean()),
        Some("array") => match schema.get("items") {
            None => quote!(value.is_array()),
            Some(items) => {
                let each = accepts(position, items, true);
                let count =
                    |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
                let least = count("minItems").map(|least| quote!(items.len() >= #least &&));
                let most = count("maxItems").map(|most| quote!(items.len() <= #most &&));
                quote!(value.as_array().is_some_and(|items| #least #most items.iter().all(|value| #each)))
            }
        },
        Some("object") => match schema.get("additionalProperties") {
            Some(entries) if entries.as_object().is_some_and(|entries| !entries.is_empty()) => {
                let each = accepts(position, entries, true);
                quote!(value.as_object().is_some_and(|entries| entries.values().all(|value| #each)))
            }
            _ => quote!(value.is_object()),
        },
        _ => quote!(true),
    }
}

fn text(schema: &Value) -> TokenStream {
    if schema.get("format").is_some_and(|format| format == "date-time") {
        return quote!(value.as_str().is_some_and(|text| !STRICT || is_date(text)));
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let values = values.iter().filter_map(Value::as_str);
        let open = schema.get("x-extensible-enum") == Some(&Value::Bool(true));
        let any = open.then(|| quote!(!STRICT ||));
        return quote!(value.as_str().is_some_and(|text| #any matches!(text, #(#values)|*)));
    }
    let count = |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
    match (count("minLength"), count("maxLength")) {
        (None, None) => quote!(value.is_string()),
        (least, most) => {
            let (least, most) = (least.unwrap_or(0), most.map_or_else(|| quote!(usize::MAX), |most| quote!(#most)));
            quote!(value.as_str().is_some_and(|text| has_length(text, #least, #most)))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{function_name, functions};

    fn emitted(properties: &Value, required: &Value) -> String {
        let link = json!({ "type": "object", "properties": { "uri": { "type": "string" } } });
        let status = json!({ "type": "string", "enum": ["on", "off"], "x-extensible-enum": true });
        let order = json!({ "type": "object", "properties": properties, "required": required });
        functions(&json!({ "$defs": { "Link": link, "Order": order, "Status": status } })).to_string()
    }

    #[test]
    fn an_optional_member_may_be_null_in_lenient_validation_only() {
        let code = emitted(&json!({ "a": { "type": "string" }, "b": { "type": "string" } }), &json!(["b"]));
        assert!(code.contains("\"a\" => { value . is_string () || (! STRICT && value . is_null ()) }"), "{code}");
        assert!(code.contains("\"b\" => { seen |= 2u64 ; value . is_string () }"), "{code}");
        assert!(code.contains("seen == 2u64"), "{code}");
    }

    #[test]
    fn a_schema_called_like_a_keyword_gets_a_function() {
        assert_eq!(function_name("Type").to_string(), "type_");
        assert_eq!(function_name("OrderLineItem").to_string(), "order_line_item");
    }

    #[test]
    fn a_schema_that_may_hold_itself_counts_its_levels() {
        let tree = json!({ "type": "object", "properties": { "branches": { "items": { "$ref": "#/$defs/Tree" }, "type": "array" } } });
        let wood = json!({ "type": "object", "properties": { "tree": { "$ref": "#/$defs/Tree" } } });
        let code = functions(&json!({ "$defs": { "Tree": tree, "Wood": wood } })).to_string();
        assert!(code.contains("let Some (levels) = levels . checked_sub (1) else { return false } ;"), "{code}");
        assert!(code.contains("tree :: < STRICT > (object , levels)"), "{code}");
        assert!(code.contains("tree :: < STRICT > (object , crate :: quick :: MOST_LEVELS)"), "{code}");
        assert!(code.contains("fn wood < const STRICT : bool > (object : & Map < String , Value >) -> bool"), "{code}");
    }

    #[test]
    fn an_open_list_of_values_counts_in_strict_validation_only() {
        let code = emitted(&json!({ "a": { "allOf": [{ "$ref": "#/$defs/Status" }] } }), &json!([]));
        assert!(code.contains("text | ! STRICT || matches ! (text , \"on\" | \"off\")"), "{code}");
    }
}
