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
use crate::load::escaped;

/// The validator has no form for something in the contract.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{pointer}: the validator's table can't express {what}")]
pub struct ShapesError {
    /// Where it stands in the contract, as a JSON pointer.
    pub pointer: String,
    /// What it is.
    pub what: String,
}

/// Everything in the schemas that the table has no form for; lint tells it before anything is generated.
pub fn refusals(response: &Value, request: &Value) -> Vec<ShapesError> {
    let nothing = Map::new();
    let definitions = response.get("$defs").and_then(Value::as_object).unwrap_or(&nothing);
    let mut table = Table { definitions, request, shared: BTreeMap::new(), refused: Vec::new() };
    for (name, schema) in definitions {
        table.component(name, schema);
    }
    table.refused
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
    let mut table = Table { definitions, request, shared: BTreeMap::new(), refused: Vec::new() };
    let mut statics = Vec::new();
    for (name, schema) in definitions {
        let shape = table.component(name, schema);
        let ident = static_name(name);
        statics.push(quote!(static #ident: Shape = #shape;));
    }
    if let Some(first) = table.refused.into_iter().next() {
        return Err(first);
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
    /// What there is no form for.
    refused: Vec<ShapesError>,
}

/// What the table can't express: the keyword that is to blame, and how to say it.
struct Refused(&'static str, String);

fn refuse<T>(keyword: &'static str, what: impl Into<String>) -> Result<T, Refused> {
    Err(Refused(keyword, what.into()))
}

/// `OrderLineItem` -> `ORDER_LINE_ITEM`.
pub(super) fn static_name(name: &str) -> Ident {
    format_ident!("{}", words(name).to_ascii_uppercase())
}

/// The words of a name, joined by `_`; a run of capitals stays one word, save its last letter.
///
/// Names that are none in Rust become some: lint tells what is wrong with them, and looks on.
fn words(name: &str) -> String {
    let mut letters: Vec<char> =
        name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    if !letters.first().is_some_and(char::is_ascii_alphabetic) {
        letters.insert(0, 'X');
    }
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
    /// The value, or what stands for it once its refusal was noted.
    fn noted<T: Default>(&mut self, at: &str, result: Result<T, Refused>) -> T {
        result.unwrap_or_else(|Refused(keyword, what)| {
            self.refuse(at, Some(keyword), what);
            T::default()
        })
    }

    /// Notes what there is no form for: in a keyword, or in the schema as a whole.
    fn refuse(&mut self, at: &str, keyword: Option<&str>, what: impl Into<String>) {
        let pointer = keyword.map_or_else(|| at.to_owned(), |keyword| below(at, keyword));
        self.refused.push(ShapesError { pointer, what: what.into() });
    }

    /// The shape of a named schema.
    fn component(&mut self, name: &str, schema: &Value) -> TokenStream {
        let at = below("/components/schemas", name);
        if OWN_STATICS.contains(&static_name(name).to_string().as_str()) {
            self.refuse(&at, None, "a schema of this name");
        }
        if !["properties", "oneOf", "type"].iter().any(|keyword| schema.get(keyword).is_some()) {
            let composed = ["$ref", "allOf", "anyOf"].into_iter().find(|keyword| schema.get(keyword).is_some());
            if let Some(keyword) = composed {
                self.refuse(&at, Some(keyword), format!("a named schema that is only a `{keyword}`"));
            }
        }
        self.shape(&at, schema, Some(name))
    }

    /// A place for a value: what the place says itself, and the shape that it points to.
    fn slot(&mut self, at: &str, schema: &Value) -> TokenStream {
        let mut nullable = false;
        let mut inner = schema;
        let mut at = at.to_owned();
        let mut description = text(schema, "description");
        let flag = |key: &str| schema.get(key) == Some(&Value::Bool(true));
        let read_only = flag("readOnly");
        let shape = loop {
            if let Some(target) = inner.get("$ref").and_then(Value::as_str) {
                let name = target.rsplit('/').next().unwrap_or_default();
                if !self.definitions.contains_key(name) {
                    self.refuse(&at, Some("$ref"), format!("the reference {target}"));
                }
                let ident = static_name(name);
                break quote!(&#ident);
            }
            if let Some(all) = inner.get("allOf").and_then(Value::as_array) {
                let [only] = all.as_slice() else {
                    break self.noted(&at, refuse("allOf", "an `allOf` of several schemas"));
                };
                inner = only;
                at.push_str("/allOf/0");
                continue;
            }
            // The contract says it with `nullable`, in the same place.
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
            let code = self.shape(&at, &plain, None);
            let next = self.shared.len();
            let (ident, _) = self
                .shared
                .entry(code.to_string())
                .or_insert_with(|| (format_ident!("UNNAMED_{}", next), code.clone()));
            break quote!(&#ident);
        };
        let marks = [(nullable, "nullable"), (read_only, "read_only")];
        let marks = marks.into_iter().filter(|(set, _)| *set).map(|(_, mark)| format_ident!("{}", mark));
        quote!(Slot::new(#shape, #description) #(.#marks())*)
    }

    /// A shape, with its name where it has one.
    fn shape(&mut self, at: &str, schema: &Value, name: Option<&str>) -> TokenStream {
        let Some(object) = schema.as_object() else {
            self.refuse(at, None, "a schema that is no object");
            return TokenStream::new();
        };
        for keyword in object.keys() {
            if !KNOWN.contains(&keyword.as_str()) && !keyword.starts_with("x-") {
                self.refuse(at, Some(keyword), format!("the keyword `{keyword}`"));
            }
        }
        let (title, description) = (text(schema, "title"), text(schema, "description"));
        let name = name.unwrap_or_default();
        let kinds = self.noted(at, kinds(object));
        let text_rule = self.noted(at, text_rule(object));
        let bounds = self.noted(at, bounds(object));
        let items = object.get("items").map(|items| {
            let slot = self.slot(&below(at, "items"), items);
            let least = self.noted(at, count(object, "minItems"));
            let most = self.noted(at, count(object, "maxItems"));
            quote!(Items { slot: #slot, least: #least, most: #most })
        });
        let members = self.members(at, object, name);
        let words = [("name", name), ("title", &title), ("description", &description)];
        let words = words.into_iter().filter(|(_, word)| !word.is_empty()).map(|(field, word)| {
            let field = format_ident!("{}", field);
            quote!(#field: #word,)
        });
        // Only named shapes have functions of their own.
        let quick = (!name.is_empty() && quick::is_covered(schema)).then(|| {
            let function = quick::function_name(name);
            let accept = |strict: bool| {
                if quick::is_recursive(self.definitions, name) {
                    quote!(|object| super::quick::#function::<#strict>(object, crate::quick::MOST_LEVELS))
                } else {
                    quote!(super::quick::#function::<#strict>)
                }
            };
            let (lenient, strict) = (accept(false), accept(true));
            quote!(Quick { lenient: #lenient, strict: #strict })
        });
        let rules = [("text", text_rule), ("number", bounds), ("items", items), ("members", members), ("quick", quick)];
        let rules = rules.into_iter().filter_map(|(field, rule)| {
            let field = format_ident!("{}", field);
            rule.map(|rule| quote!(#field: Some(#rule),))
        });
        quote!(Shape { #(#words)* #(#rules)* ..Shape::of(#kinds) })
    }

    fn members(&mut self, at: &str, object: &Map<String, Value>, name: &str) -> Option<TokenStream> {
        let nothing = Map::new();
        let properties = object.get("properties").and_then(Value::as_object);
        let additional = object.get("additionalProperties");
        if properties.is_none() && additional.is_none() {
            return None;
        }
        let properties = properties.unwrap_or(&nothing);
        if properties.len() > 64 {
            return self.noted(at, refuse("properties", "more than 64 members"));
        }
        let names: Vec<&str> = properties.keys().map(String::as_str).collect();
        let mut members = Vec::new();
        for (member, schema) in properties {
            let slot = self.slot(&below(&below(at, "properties"), member), schema);
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
            Some(additional @ Value::Object(_)) => {
                let slot = self.slot(&below(at, "additionalProperties"), additional);
                quote!(Others::Each(#slot))
            }
            Some(_) => self.noted(at, refuse("additionalProperties", "an object that takes no other members")),
        };
        let what = "members whose names differ in nothing but letter case, or are not ASCII";
        let lookup: TokenStream = self.noted(at, lookup(&names).ok_or_else(|| Refused("properties", what.to_owned())));
        Some(quote! {
            Members {
                list: &[#(#members),*],
                lookup: #lookup,
                required_in_responses: #in_responses,
                required_in_requests: #in_requests,
                others: #others,
            }
        })
    }
}

/// The pointer of what stands under a key.
fn below(at: &str, key: &str) -> String {
    format!("{at}/{}", escaped(key))
}

/// Statics of the table itself.
const OWN_STATICS: [&str; 2] = ["OPERATIONS", "SHAPES"];

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
    "exclusiveMaximum",
    "exclusiveMinimum",
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

fn kinds(object: &Map<String, Value>) -> Result<TokenStream, Refused> {
    let mut names: Vec<&str> = Vec::new();
    match (object.get("type"), object.get("oneOf").and_then(Value::as_array)) {
        (Some(Value::String(kind)), None) => names.push(kind),
        (Some(Value::Array(kinds)), None) => names.extend(kinds.iter().filter_map(Value::as_str)),
        (None, Some(branches)) => {
            for branch in branches {
                match (branch.get("type").and_then(Value::as_str), branch.as_object().map(Map::len)) {
                    (Some(kind), Some(1)) if !names.contains(&kind) => names.push(kind),
                    _ => return refuse("oneOf", "a `oneOf` of more than plain, distinct types"),
                }
            }
            if names.contains(&"integer") && names.contains(&"number") {
                return refuse("oneOf", "a `oneOf` whose branches overlap");
            }
        }
        (None, None) => return Ok(quote!(Kinds::ANY)),
        _ => return refuse("oneOf", "`type` beside `oneOf`"),
    }
    for combined in ["allOf", "anyOf"] {
        if object.contains_key(combined) {
            return refuse(combined, format!("`{combined}` beside other keywords"));
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
            other => return refuse("type", format!("the type `{other}`")),
        });
    }
    Ok(kinds.into_iter().reduce(|left, right| quote!(#left.or(#right))).unwrap_or_else(|| quote!(Kinds::ANY)))
}

fn text_rule(object: &Map<String, Value>) -> Result<Option<TokenStream>, Refused> {
    let values = match object.get("enum").and_then(Value::as_array) {
        None => Vec::new(),
        Some(values) => {
            let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            if texts.len() != values.len() {
                return refuse("enum", "an `enum` of other values than texts");
            }
            texts
        }
    };
    let open = object.get("x-extensible-enum") == Some(&Value::Bool(true));
    let date = object.get("format").and_then(Value::as_str) == Some("date-time");
    let least = count(object, "minLength")?;
    let most = count(object, "maxLength")?;
    if values.is_empty() && !date && !object.contains_key("minLength") && !object.contains_key("maxLength") {
        return Ok(None);
    }
    Ok(Some(quote!(TextRule { date: #date, values: &[#(#values),*], open: #open, least: #least, most: #most })))
}

/// A count of items or characters; the widest there is where the contract sets none.
fn count(object: &Map<String, Value>, key: &'static str) -> Result<TokenStream, Refused> {
    match object.get(key) {
        None if key.starts_with("min") => Ok(quote!(0)),
        None => Ok(quote!(usize::MAX)),
        Some(value) => match value.as_u64().and_then(|count| usize::try_from(count).ok()) {
            Some(count) => Ok(quote!(#count)),
            None => refuse(key, format!("`{key}: {value}`")),
        },
    }
}

fn bounds(object: &Map<String, Value>) -> Result<Option<TokenStream>, Refused> {
    let whole = object.get("type").is_none_or(|kind| kind == "integer");
    let Some((least, most)) = bounds_of(object, whole)? else { return Ok(None) };
    Ok(Some(quote!(Bounds { least: #least, most: #most })))
}

/// The least and the greatest whole number that a schema of an integer allows, where it sets a bound.
pub(super) fn whole_bounds(object: &Map<String, Value>) -> Option<(i64, i64)> {
    bounds_of(object, true).ok().flatten()
}

fn bounds_of(object: &Map<String, Value>, whole: bool) -> Result<Option<(i64, i64)>, Refused> {
    let (mut least, mut most) = (None, None);
    for (key, lower, exclusive) in [
        ("minimum", true, false),
        ("exclusiveMinimum", true, true),
        ("maximum", false, false),
        ("exclusiveMaximum", false, true),
    ] {
        let Some(bound) = object.get(key) else { continue };
        let number = bound.as_f64().unwrap_or(f64::NAN);
        let exact = bound.as_i64().or_else(|| whole_number(number).filter(|_| number.fract() == 0.0));
        let allowed = match exact {
            Some(bound) if !exclusive => Some(bound),
            // A fraction may come as close as it likes to a bound that it must not reach.
            _ if !whole => None,
            Some(bound) if lower => bound.checked_add(1),
            Some(bound) => bound.checked_sub(1),
            None => whole_number(if lower { number.ceil() } else { number.floor() }),
        };
        let Some(allowed) = allowed else { return refuse(key, format!("the bound `{key}: {bound}`")) };
        if lower {
            least = least.max(Some(allowed));
        } else {
            most = Some(most.map_or(allowed, |most: i64| most.min(allowed)));
        }
    }
    let bounded = least.is_some() || most.is_some();
    Ok(bounded.then(|| (least.unwrap_or(i64::MIN), most.unwrap_or(i64::MAX))))
}

/// A double without a fraction as an integer, as long as doubles tell integers apart.
fn whole_number(number: f64) -> Option<i64> {
    (number.abs() < 9_007_199_254_740_992.0).then(|| format!("{number:.0}").parse().ok()).flatten()
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

    use super::{key, lookup, refusals, static_name, table, whole_bounds};

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
    fn what_the_table_has_no_form_for_is_refused_by_place() {
        for (schema, place, what) in [
            (json!({ "type": "string", "pattern": "^a" }), "/pattern", "the keyword `pattern`"),
            (json!({ "not": { "type": "string" } }), "/not", "the keyword `not`"),
            (json!({ "type": "number", "minimum": 0.5 }), "/minimum", "the bound `minimum: 0.5`"),
            (
                json!({ "type": "number", "exclusiveMaximum": 1 }),
                "/exclusiveMaximum",
                "the bound `exclusiveMaximum: 1`",
            ),
            (json!({ "type": "integer", "minimum": 1e30 }), "/minimum", "the bound `minimum: 1e+30`"),
            (json!({ "type": "integer", "enum": [1, 2] }), "/enum", "an `enum` of other values than texts"),
            (json!({ "allOf": [{ "$ref": "#/$defs/Thing" }] }), "/allOf", "a named schema that is only a `allOf`"),
            (
                json!({ "oneOf": [{ "type": "integer" }, { "type": "number" }] }),
                "/oneOf",
                "a `oneOf` whose branches overlap",
            ),
            (
                json!({ "oneOf": [{ "type": "string", "maxLength": 3 }] }),
                "/oneOf",
                "a `oneOf` of more than plain, distinct types",
            ),
            (json!({ "properties": { "a": {}, "A": {} } }), "/properties", "members whose names differ"),
            (
                json!({ "properties": { "a/b": { "$ref": "#/$defs/None" } } }),
                "/properties/a~1b/$ref",
                "the reference #/$defs/None",
            ),
            (
                json!({ "properties": { "a": { "items": { "allOf": [{}, {}] } } } }),
                "/properties/a/items/allOf",
                "an `allOf` of several schemas",
            ),
            (
                json!({ "type": "object", "properties": {}, "additionalProperties": false }),
                "/additionalProperties",
                "an object that takes no other members",
            ),
        ] {
            let bundle = json!({ "$defs": { "Thing": schema } });
            let refused = refusals(&bundle, &bundle);
            let [one] = refused.as_slice() else { panic!("{schema}: {refused:?}") };
            assert_eq!(one.pointer, format!("/components/schemas/Thing{place}"));
            assert!(one.what.starts_with(what), "{schema}: {}", one.what);
            assert_eq!(emitted(&bundle["$defs"]), Err(one.to_string()));
        }
    }

    #[test]
    fn everything_is_refused_at_once() {
        let member = json!({ "type": "array", "uniqueItems": true, "items": { "type": "string", "pattern": "x" } });
        let bundle = json!({ "$defs": { "A": { "type": "object", "properties": { "a": member } }, "Shapes": {} } });
        let places: Vec<String> = refusals(&bundle, &bundle).into_iter().map(|refused| refused.pointer).collect();
        assert_eq!(
            places,
            [
                "/components/schemas/A/properties/a/uniqueItems",
                "/components/schemas/A/properties/a/items/pattern",
                "/components/schemas/Shapes",
            ]
        );
    }

    #[test]
    fn bounds_of_integers_are_the_integers_within() {
        for (schema, bounds) in [
            (json!({ "minimum": 1, "maximum": 9 }), Some((1, 9))),
            (json!({ "minimum": 0.5, "maximum": 9.5 }), Some((1, 9))),
            (json!({ "exclusiveMinimum": 0, "exclusiveMaximum": 10 }), Some((1, 9))),
            (json!({ "exclusiveMinimum": 0.0, "exclusiveMaximum": 9.5 }), Some((1, 9))),
            (json!({ "minimum": -5, "exclusiveMinimum": 0, "maximum": 3, "exclusiveMaximum": 10 }), Some((1, 3))),
            (json!({ "exclusiveMinimum": -1.5 }), Some((-1, i64::MAX))),
            (json!({}), None),
        ] {
            assert_eq!(whole_bounds(schema.as_object().unwrap()), bounds, "{schema}");
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
