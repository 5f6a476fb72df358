//! The schemas compiled for the validator: Rust statics that it walks beside a payload, and the table of operations.
//!
//! The shapes come from the JSON Schema bundles, so that both can never say different things. What a bundle holds and
//! this table can't express is refused by name, rather than judged half.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::{Map, Value};

use super::operations::OperationRow;
use super::quick;

/// The validator has no form for something in the contract.
#[derive(Debug, thiserror::Error)]
#[error("the validator's table can't express {what} of the schema {schema}")]
pub struct ShapesError {
    schema: String,
    what: String,
}

/// The file `shapes.rs`.
///
/// # Errors
/// When a schema uses a keyword, or a combination, that the table has no form for.
pub fn table(
    response: &Value,
    request: &Value,
    operations: &Value,
    rows: &[OperationRow],
) -> Result<TokenStream, ShapesError> {
    let nothing = Map::new();
    let definitions = response.get("$defs").and_then(Value::as_object).unwrap_or(&nothing);
    let mut table = Table { definitions, request, shared: BTreeMap::new() };
    let mut statics = Vec::new();
    for (name, schema) in definitions {
        let shape = table.shape(name, schema, Some(name))?;
        let ident = static_name(name);
        statics.push(quote!(static #ident: Shape = #shape;));
    }
    let shared = table.shared.values().map(|(ident, shape)| quote!(static #ident: Shape = #shape;));

    let idents: Vec<Ident> = definitions.keys().map(|name| static_name(name)).collect();
    let docs = definitions.iter().map(|(name, schema)| match schema.get("title").and_then(Value::as_str) {
        Some(title) => format!(" `{name}`, also known as `{title}`."),
        None => format!(" `{name}`."),
    });
    let operations = rows.iter().map(|row| operation(row, operations)).collect::<Vec<_>>();

    Ok(quote! {
        use crate::operation::Operation;
        use crate::schema::Schema;
        use crate::shape::{Bounds, Items, Kinds, Lookup, Member, Members, Others, Quick, Shape, Slot, TextRule};

        /// The schemas of the contract, one constant each.
        impl Schema {
            #(
                #[doc = #docs]
                pub const #idents: Self = Self(&#idents);
            )*
        }

        /// Every named schema, in the order of the names.
        pub(crate) static SHAPES: &[&Shape] = &[#(&#idents),*];

        /// Every operation, in the order of the paths.
        pub(crate) static OPERATIONS: &[Operation] = &[#(#operations),*];

        #(#statics)*
        #(#shared)*
    })
}

struct Table<'a> {
    definitions: &'a Map<String, Value>,
    request: &'a Value,
    /// Shapes without a name, each once, by their code.
    shared: BTreeMap<String, (Ident, TokenStream)>,
}

/// `OrderLineItem` -> `ORDER_LINE_ITEM`.
pub(super) fn static_name(name: &str) -> Ident {
    format_ident!("{}", words(name).to_ascii_uppercase())
}

/// The words of a name, joined by `_`; a run of capitals stays one word, save its last letter.
pub(super) fn words(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let starts_word = letter.is_uppercase()
            && at > 0
            && (!letters[at - 1].is_uppercase()
                || (at > 1 && letters.get(at + 1).is_some_and(|next| next.is_lowercase())));
        if starts_word {
            out.push('_');
        }
        out.push(*letter);
    }
    out
}

impl Table<'_> {
    fn refuse<T>(schema: &str, what: impl Into<String>) -> Result<T, ShapesError> {
        Err(ShapesError { schema: schema.to_owned(), what: what.into() })
    }

    /// A place for a value: what the place says itself, and the shape that it points to.
    fn slot(&mut self, at: &str, schema: &Value) -> Result<TokenStream, ShapesError> {
        let mut nullable = false;
        let mut inner = schema;
        let mut description = text(schema, "description");
        let flag = |key: &str| schema.get(key) == Some(&Value::Bool(true));
        let read_only = flag("readOnly");
        let shape = loop {
            if let Some(target) = inner.get("$ref").and_then(Value::as_str) {
                let name = target.rsplit('/').next().unwrap_or_default();
                if !self.definitions.contains_key(name) {
                    return Self::refuse(at, format!("the reference {target}"));
                }
                let ident = static_name(name);
                break quote!(&#ident);
            }
            if let Some(all) = inner.get("allOf").and_then(Value::as_array) {
                let [only] = all.as_slice() else { return Self::refuse(at, "an `allOf` of several schemas") };
                inner = only;
                continue;
            }
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
            let code = self.shape(at, &plain, None)?;
            let next = self.shared.len();
            let (ident, _) = self
                .shared
                .entry(code.to_string())
                .or_insert_with(|| (format_ident!("UNNAMED_{}", next), code.clone()));
            break quote!(&#ident);
        };
        let marks = [(nullable, "nullable"), (read_only, "read_only")];
        let marks = marks.into_iter().filter(|(set, _)| *set).map(|(_, mark)| format_ident!("{}", mark));
        Ok(quote!(Slot::new(#shape, #description) #(.#marks())*))
    }

    /// A shape, with its name where it has one.
    fn shape(&mut self, at: &str, schema: &Value, name: Option<&str>) -> Result<TokenStream, ShapesError> {
        let Some(object) = schema.as_object() else { return Self::refuse(at, "a schema that is no object") };
        for keyword in object.keys() {
            if !KNOWN.contains(&keyword.as_str()) && !keyword.starts_with("x-") {
                return Self::refuse(at, format!("the keyword `{keyword}`"));
            }
        }
        let (title, description) = (text(schema, "title"), text(schema, "description"));
        let name = name.unwrap_or_default();
        let kinds = kinds(at, object)?;
        let text_rule = text_rule(at, object)?;
        let bounds = bounds(at, object)?;
        let items = match object.get("items") {
            None => None,
            Some(items) => {
                let slot = self.slot(at, items)?;
                let least = count(at, object, "minItems")?;
                let most = count(at, object, "maxItems")?;
                Some(quote!(Items { slot: #slot, least: #least, most: #most }))
            }
        };
        let members = self.members(at, object, name)?;
        let words = [("name", name), ("title", &title), ("description", &description)];
        let words = words.into_iter().filter(|(_, word)| !word.is_empty()).map(|(field, word)| {
            let field = format_ident!("{}", field);
            quote!(#field: #word,)
        });
        // Only named shapes have functions of their own.
        let quick = (!name.is_empty() && quick::is_covered(schema)).then(|| {
            let function = quick::function_name(name);
            quote!(Quick { lenient: super::quick::#function::<false>, strict: super::quick::#function::<true> })
        });
        let rules = [("text", text_rule), ("number", bounds), ("items", items), ("members", members), ("quick", quick)];
        let rules = rules.into_iter().filter_map(|(field, rule)| {
            let field = format_ident!("{}", field);
            rule.map(|rule| quote!(#field: Some(#rule),))
        });
        Ok(quote!(Shape { #(#words)* #(#rules)* ..Shape::of(#kinds) }))
    }

    fn members(
        &mut self,
        at: &str,
        object: &Map<String, Value>,
        name: &str,
    ) -> Result<Option<TokenStream>, ShapesError> {
        let nothing = Map::new();
        let properties = object.get("properties").and_then(Value::as_object);
        let additional = object.get("additionalProperties");
        if properties.is_none() && additional.is_none() {
            return Ok(None);
        }
        let properties = properties.unwrap_or(&nothing);
        if properties.len() > 64 {
            return Self::refuse(at, "more than 64 members");
        }
        let names: Vec<&str> = properties.keys().map(String::as_str).collect();
        let mut members = Vec::new();
        for (member, schema) in properties {
            let slot = self.slot(&format!("{at}.{member}"), schema)?;
            members.push(quote!(Member::new(#member, #slot)));
        }
        let in_responses = required(&names, Some(object));
        let in_requests = if name.is_empty() {
            in_responses
        } else {
            required(&names, self.request.pointer(&format!("/$defs/{name}")).and_then(Value::as_object))
        };
        let others = match additional {
            None => quote!(Others::Unknown),
            Some(Value::Bool(true)) => quote!(Others::Anything),
            Some(Value::Object(schema)) if schema.is_empty() => quote!(Others::Anything),
            Some(Value::Object(_)) => {
                let slot = self.slot(at, &object["additionalProperties"])?;
                quote!(Others::Each(#slot))
            }
            Some(_) => return Self::refuse(at, "closed `additionalProperties`"),
        };
        let Some(lookup) = lookup(&names) else {
            return Self::refuse(at, "members whose names can't be told apart without letter case");
        };
        Ok(Some(quote! {
            Members {
                list: &[#(#members),*],
                lookup: #lookup,
                required_in_responses: #in_responses,
                required_in_requests: #in_requests,
                others: #others,
            }
        }))
    }
}

/// Every keyword that is read here, or that says nothing about validity.
const KNOWN: &[&str] = &[
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "deprecated",
    "description",
    "enum",
    "examples",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "oneOf",
    "properties",
    "readOnly",
    "required",
    "title",
    "type",
    // Who may demand such a member is decided by `required`, of which each bundle has its own.
    "writeOnly",
];

fn text(schema: &Value, key: &str) -> String {
    schema.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Takes `null` out of `type` and `enum`; says whether it was there.
fn without_null(object: &mut Map<String, Value>) -> bool {
    let Some(Value::Array(types)) = object.get("type") else { return false };
    let rest: Vec<Value> = types.iter().filter(|kind| kind.as_str() != Some("null")).cloned().collect();
    if rest.len() == types.len() {
        return false;
    }
    let kind = if let [only] = rest.as_slice() { only.clone() } else { Value::Array(rest) };
    object.insert("type".to_owned(), kind);
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    true
}

fn kinds(at: &str, object: &Map<String, Value>) -> Result<TokenStream, ShapesError> {
    let mut names: Vec<&str> = Vec::new();
    match (object.get("type"), object.get("oneOf").and_then(Value::as_array)) {
        (Some(Value::String(kind)), None) => names.push(kind),
        (Some(Value::Array(kinds)), None) => names.extend(kinds.iter().filter_map(Value::as_str)),
        (None, Some(branches)) => {
            for branch in branches {
                match (branch.get("type").and_then(Value::as_str), branch.as_object().map(Map::len)) {
                    (Some(kind), Some(1)) if !names.contains(&kind) => names.push(kind),
                    _ => return Table::refuse(at, "a `oneOf` of more than plain, distinct types"),
                }
            }
            if names.contains(&"integer") && names.contains(&"number") {
                return Table::refuse(at, "a `oneOf` whose branches overlap");
            }
        }
        (None, None) => return Ok(quote!(Kinds::ANY)),
        _ => return Table::refuse(at, "this combination of `type` and `oneOf`"),
    }
    for combined in ["allOf", "anyOf"] {
        if object.contains_key(combined) {
            return Table::refuse(at, format!("`{combined}` beside other keywords"));
        }
    }
    let mut kinds = Vec::new();
    for name in names {
        kinds.push(match name {
            "null" => quote!(Kinds::NULL),
            "boolean" => quote!(Kinds::BOOLEAN),
            "integer" => quote!(Kinds::INTEGER),
            "number" => quote!(Kinds::NUMBER),
            "string" => quote!(Kinds::TEXT),
            "array" => quote!(Kinds::ARRAY),
            "object" => quote!(Kinds::OBJECT),
            other => return Table::refuse(at, format!("the type `{other}`")),
        });
    }
    Ok(kinds.into_iter().reduce(|left, right| quote!(#left.or(#right))).unwrap_or_else(|| quote!(Kinds::ANY)))
}

fn text_rule(at: &str, object: &Map<String, Value>) -> Result<Option<TokenStream>, ShapesError> {
    let values = match object.get("enum").and_then(Value::as_array) {
        None => Vec::new(),
        Some(values) => {
            let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            if texts.len() != values.len() {
                return Table::refuse(at, "an `enum` of other values than texts");
            }
            texts
        }
    };
    let open = object.get("x-extensible-enum") == Some(&Value::Bool(true));
    let date = object.get("format").and_then(Value::as_str) == Some("date-time");
    let least = count(at, object, "minLength")?;
    let most = count(at, object, "maxLength")?;
    if values.is_empty() && !date && !object.contains_key("minLength") && !object.contains_key("maxLength") {
        return Ok(None);
    }
    Ok(Some(quote!(TextRule { date: #date, values: &[#(#values),*], open: #open, least: #least, most: #most })))
}

/// A count of items or characters; the widest there is where the contract sets none.
fn count(at: &str, object: &Map<String, Value>, key: &str) -> Result<TokenStream, ShapesError> {
    match object.get(key) {
        None if key.starts_with("min") => Ok(quote!(0)),
        None => Ok(quote!(usize::MAX)),
        Some(value) => match value.as_u64().and_then(|count| usize::try_from(count).ok()) {
            Some(count) => Ok(quote!(#count)),
            None => Table::refuse(at, format!("`{key}: {value}`")),
        },
    }
}

fn bounds(at: &str, object: &Map<String, Value>) -> Result<Option<TokenStream>, ShapesError> {
    let bound = |key: &str| match object.get(key) {
        None => Ok(None),
        Some(value) => match value.as_i64() {
            Some(bound) => Ok(Some(bound)),
            None => Table::refuse(at, format!("`{key}: {value}`, which is no whole number")),
        },
    };
    let (least, most) = (bound("minimum")?, bound("maximum")?);
    if least.is_none() && most.is_none() {
        return Ok(None);
    }
    let (least, most) = (least.unwrap_or(i64::MIN), most.unwrap_or(i64::MAX));
    Ok(Some(quote!(Bounds { least: #least, most: #most })))
}

/// One bit for each required member, by its place in the list.
fn required(names: &[&str], object: Option<&Map<String, Value>>) -> u64 {
    let required = object.and_then(|object| object.get("required")).and_then(Value::as_array);
    required
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter_map(|name| names.iter().position(|known| *known == name))
        .fold(0, |bits, place| bits | 1 << place)
}

/// One number of a name's length, its first bytes and its last ones, without letter case.
///
/// The validator's `Ends::key` computes the same.
fn key(name: &str) -> u64 {
    const FOLD: u64 = 0x2020_2020_2020_2020;
    let bytes = name.as_bytes();
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    let (head, tail) = match bytes {
        [] => (0, 0),
        [first, ..] if bytes.len() < 4 => (word(&[*first, bytes[bytes.len() / 2]]), word(&bytes[bytes.len() - 1..])),
        bytes if bytes.len() < 8 => (word(&bytes[..4]), word(&bytes[bytes.len() - 4..])),
        bytes => (word(&bytes[..8]), word(&bytes[bytes.len() - 8..])),
    };
    (head | FOLD) ^ (tail | FOLD).rotate_left(29) ^ bytes.len() as u64
}

/// A table without collisions for these names: the multiplier, the shift, and the member's place by slot.
fn lookup(names: &[&str]) -> Option<TokenStream> {
    if names.iter().any(|name| name.is_empty() || !name.is_ascii()) {
        return None;
    }
    let keys: Vec<u64> = names.iter().map(|name| key(name)).collect();
    let bits = usize::BITS - names.len().max(1).leading_zeros() + 1;
    for bits in bits..=10 {
        let shift = 64 - bits;
        for attempt in 0..20_000_u64 {
            let multiplier = 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(2 * attempt + 1);
            let mut slots = vec![u8::MAX; 1_usize << bits];
            let free = keys.iter().enumerate().all(|(place, key)| {
                let slot =
                    usize::try_from(key.wrapping_mul(multiplier) >> shift).ok().and_then(|slot| slots.get_mut(slot));
                let Some(slot) = slot else { return false };
                let free = *slot == u8::MAX;
                *slot = u8::try_from(place).unwrap_or(u8::MAX);
                free
            });
            if free {
                return Some(quote!(Lookup { multiplier: #multiplier, shift: #shift, slots: &[#(#slots),*] }));
            }
        }
    }
    None
}

fn operation(row: &OperationRow, operations: &Value) -> TokenStream {
    let OperationRow { id, method, path, summary, .. } = row;
    let entry = operations.pointer(&format!("/operations/{id}")).cloned().unwrap_or_default();
    let schema = |name: &Value| {
        let constant = name.as_str().map(static_name);
        constant.map_or_else(|| quote!(None), |constant| quote!(Some(Schema::#constant)))
    };
    let request = schema(entry.get("request").unwrap_or(&Value::Null));
    let responses = entry.get("responses").and_then(Value::as_object).into_iter().flatten().map(|(status, name)| {
        let schema = schema(name);
        quote!((#status, #schema))
    });
    let streams = row.streams;
    quote! {
        Operation {
            id: #id,
            method: #method,
            path: #path,
            summary: #summary,
            streams: #streams,
            request: #request,
            responses: &[#(#responses),*],
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{key, lookup, static_name, table};

    fn emitted(definitions: &Value) -> Result<String, String> {
        let bundle = json!({ "$defs": definitions });
        table(&bundle, &bundle, &json!({}), &[]).map(|code| code.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn names_become_constants_word_by_word() {
        for (name, constant) in
            [("OrderLineItem", "ORDER_LINE_ITEM"), ("OAuthToken", "OAUTH_TOKEN"), ("Fault", "FAULT")]
        {
            assert_eq!(static_name(name), constant);
        }
    }

    #[test]
    fn null_belongs_to_the_place_not_to_the_shape() {
        let link = json!({ "type": "object", "properties": { "uri": { "type": "string" } } });
        let order = json!({ "type": "object", "properties": {
            "a": { "type": ["string", "null"] },
            "b": { "anyOf": [{ "allOf": [{ "$ref": "#/$defs/Link" }] }, { "type": "null" }], "readOnly": true },
        } });
        let code = emitted(&json!({ "Link": link, "Order": order })).unwrap();
        assert!(code.contains("Slot :: new (& LINK , \"\") . nullable () . read_only ()"), "{code}");
        assert!(!code.contains("Kinds :: NULL"), "{code}");
    }

    #[test]
    fn requests_and_answers_demand_what_their_bundles_say() {
        let schema = |required: Value| {
            let member = json!({ "type": "string" });
            json!({ "$defs": { "Order": {
                "type": "object", "required": required, "properties": { "a": member, "b": member },
            } } })
        };
        let (response, request) = (schema(json!(["a", "b"])), schema(json!(["b"])));
        let code = table(&response, &request, &json!({}), &[]).unwrap().to_string();
        assert!(code.contains("required_in_responses : 3u64"), "{code}");
        assert!(code.contains("required_in_requests : 2u64"), "{code}");
    }

    #[test]
    fn what_the_table_has_no_form_for_is_refused_by_name() {
        for (schema, what) in [
            (json!({ "type": "string", "pattern": "^a" }), "the keyword `pattern`"),
            (json!({ "not": { "type": "string" } }), "the keyword `not`"),
            (json!({ "type": "integer", "minimum": 0.5 }), "`minimum: 0.5`, which is no whole number"),
            (json!({ "type": "integer", "enum": [1, 2] }), "an `enum` of other values than texts"),
            (json!({ "oneOf": [{ "type": "integer" }, { "type": "number" }] }), "a `oneOf` whose branches overlap"),
            (
                json!({ "oneOf": [{ "type": "string", "maxLength": 3 }] }),
                "a `oneOf` of more than plain, distinct types",
            ),
            (
                json!({ "properties": { "a": {}, "A": {} } }),
                "members whose names can't be told apart without letter case",
            ),
            (json!({ "properties": { "a": { "$ref": "#/$defs/None" } } }), "the reference #/$defs/None"),
            (json!({ "properties": { "a": { "allOf": [{}, {}] } } }), "an `allOf` of several schemas"),
            (
                json!({ "type": "object", "properties": {}, "additionalProperties": false }),
                "closed `additionalProperties`",
            ),
        ] {
            let refusal = emitted(&json!({ "Thing": schema })).unwrap_err();
            assert!(refusal.contains(what) && refusal.contains("Thing"), "{schema}: {refusal}");
        }
    }

    #[test]
    fn the_key_of_a_name_does_not_depend_on_letter_case() {
        for name in ["id", "uri", "links", "headers", "quantity", "referenceCustomerId"] {
            assert_eq!(key(name), key(&name.to_uppercase()), "{name}");
        }
        assert!(lookup(&["expires_in", "expires_on", "ext_expires_in"]).is_some());
        assert!(lookup(&["ümlaut"]).is_none());
    }
}
