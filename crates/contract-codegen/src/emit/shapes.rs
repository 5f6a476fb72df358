//! The schemas compiled for the validator: Rust statics that it walks along with a payload, and the table of operations.

use std::collections::BTreeMap;

use contract::naming::constant;
use contract::operations::OperationRow;
use contract::shapes::{Lookup, Members, Others, Shape, ShapesError, Slot, Target, TextRule, shapes};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::{Map, Value};

use super::quick;

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
    let (shapes, errors) = shapes(response, request);
    if let Some(first) = errors.into_iter().next() {
        return Err(first);
    }
    let mut table = Table { definitions, shared: BTreeMap::new() };
    let mut statics = Vec::new();
    for shape in &shapes {
        let ident = static_name(&shape.name);
        let shape = table.shape(shape);
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
    /// Shapes without a name, each once, by their code.
    shared: BTreeMap<String, (Ident, TokenStream)>,
}

/// `OrderLineItem` -> `ORDER_LINE_ITEM`.
pub(super) fn static_name(name: &str) -> Ident {
    format_ident!("{}", constant(name))
}

impl Table<'_> {
    fn slot(&mut self, slot: &Slot) -> TokenStream {
        let shape = match &slot.target {
            Target::Named(name) => static_name(name),
            Target::Unnamed(shape) => {
                let code = self.shape(shape);
                let next = self.shared.len();
                let shared = self.shared.entry(code.to_string());
                shared.or_insert_with(|| (format_ident!("UNNAMED_{}", next), code)).0.clone()
            }
        };
        let description = &slot.description;
        let marks = [(slot.nullable, "nullable"), (slot.read_only, "read_only")];
        let marks = marks.into_iter().filter(|(set, _)| *set).map(|(_, mark)| format_ident!("{}", mark));
        quote!(Slot::new(&#shape, #description) #(.#marks())*)
    }

    fn shape(&mut self, shape: &Shape) -> TokenStream {
        let Shape { name, title, description, .. } = shape;
        let kinds = shape.kinds.iter().map(|kind| format_ident!("{}", kind)).map(|kind| quote!(Kinds::#kind));
        let kinds = kinds.reduce(|left, right| quote!(#left.or(#right))).unwrap_or_else(|| quote!(Kinds::ANY));
        let bounds = shape.bounds.map(|bounds| {
            let (least, most) = (bounds.least, bounds.most);
            quote!(Bounds { least: #least, most: #most })
        });
        let items = shape.items.as_ref().map(|items| {
            let slot = self.slot(&items.slot);
            let (least, most) = counts(items.least, items.most);
            quote!(Items { slot: #slot, least: #least, most: #most })
        });
        let members = shape.members.as_ref().map(|members| self.members(members));
        let words = [("name", name), ("title", title), ("description", description)];
        let words = words.into_iter().filter(|(_, word)| !word.is_empty()).map(|(field, word)| {
            let field = format_ident!("{}", field);
            quote!(#field: #word,)
        });
        let text = shape.text.as_ref().map(text_rule);
        let quick = self.quick(name);
        let rules = [("text", text), ("number", bounds), ("items", items), ("members", members), ("quick", quick)];
        let rules = rules.into_iter().filter_map(|(field, rule)| {
            let field = format_ident!("{}", field);
            rule.map(|rule| quote!(#field: Some(#rule),))
        });
        quote!(Shape { #(#words)* #(#rules)* ..Shape::of(#kinds) })
    }

    /// The functions that accept values of a schema quickly. Only named shapes have any.
    fn quick(&self, name: &str) -> Option<TokenStream> {
        let schema = self.definitions.get(name).filter(|schema| !name.is_empty() && quick::is_covered(schema));
        schema.map(|_| {
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
        })
    }

    fn members(&mut self, members: &Members) -> TokenStream {
        let list: Vec<_> = members
            .list
            .iter()
            .map(|(member, slot)| {
                let slot = self.slot(slot);
                quote!(Member::new(#member, #slot))
            })
            .collect();
        let others = match &members.others {
            Others::Unknown => quote!(Others::Unknown),
            Others::Anything => quote!(Others::Anything),
            Others::Each(slot) => {
                let slot = self.slot(slot);
                quote!(Others::Each(#slot))
            }
        };
        let Lookup { multiplier, shift, slots } = &members.lookup;
        let (in_responses, in_requests) = (members.required_in_responses, members.required_in_requests);
        quote! {
            Members {
                list: &[#(#list),*],
                lookup: Lookup { multiplier: #multiplier, shift: #shift, slots: &[#(#slots),*] },
                required_in_responses: #in_responses,
                required_in_requests: #in_requests,
                others: #others,
            }
        }
    }
}

fn text_rule(rule: &TextRule) -> TokenStream {
    let TextRule { date, values, open, .. } = rule;
    let (least, most) = counts(rule.least, rule.most);
    quote!(TextRule { date: #date, values: &[#(#values),*], open: #open, least: #least, most: #most })
}

/// Counts of items or characters; the widest there are where the contract sets none.
fn counts(least: Option<usize>, most: Option<usize>) -> (TokenStream, TokenStream) {
    (
        least.map_or_else(|| quote!(0), |count| quote!(#count)),
        most.map_or_else(|| quote!(usize::MAX), |count| quote!(#count)),
    )
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

    use contract::shapes::errors;

    use super::table;

    fn emitted(definitions: &Value) -> Result<String, String> {
        let bundle = json!({ "$defs": definitions });
        table(&bundle, &bundle, &json!({}), &[]).map(|code| code.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn null_belongs_to_the_position_not_to_the_shape() {
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
    fn requests_and_responses_require_what_their_bundles_require() {
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
    fn what_the_table_cannot_express_is_rejected_by_position() {
        for (schema, position, what) in [
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
            let errors = errors(&bundle, &bundle);
            let [one] = errors.as_slice() else { panic!("{schema}: {errors:?}") };
            assert_eq!(one.pointer, format!("/components/schemas/Thing{position}"));
            assert!(one.what.starts_with(what), "{schema}: {}", one.what);
            assert_eq!(emitted(&bundle["$defs"]), Err(one.to_string()));
        }
    }
}
