//! `Deserialize`, written by hand.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{File, Ident, Item, Path, parse_quote};

use crate::critical::Critical;
use crate::types::{MemberOnWire, derives, last_is, required, structs, types_module};

/// The member that holds a collection's elements. Collections are also read element by element while they arrive, where
/// the last of several such members can't count: it is taken once or not at all.
const ELEMENTS: &str = "items";

/// Writes `Deserialize` by hand for every struct, which serde's derive would buffer: one pass over the members, the last of a
/// duplicated member counts (but a collection's elements must not come twice), what is unknown goes into `extra`, and so does
/// the value of an optional member that has another type, unless it is critical; `null` for an optional member is the same as
/// none, and `1.0` is a whole number, as it is to JSON Schema.
pub fn lossless_deserialize(file: &mut File, critical: &Critical<'_>) {
    let mut impls = Vec::new();
    for item in structs(file) {
        let mut derived = false;
        for attribute in &mut item.attrs {
            let Some(paths) = derives(attribute) else {
                continue;
            };
            derived |= paths.iter().any(|path| last_is(path, "Deserialize"));
            let rest: Vec<Path> = paths.into_iter().filter(|path| !last_is(path, "Deserialize")).collect();
            *attribute = parse_quote!(#[derive(#(#rest),*)]);
        }
        let members: Option<Vec<MemberOnWire>> = item.fields.iter().map(MemberOnWire::of).collect();
        if let (true, Some(members)) = (derived, members) {
            impls.push(deserialize_impl(&item.ident, &members, critical));
        }
    }
    if let Some(items) = types_module(file) {
        items.extend(impls);
    }
}

fn deserialize_impl(schema: &Ident, members: &[MemberOnWire], critical: &Critical<'_>) -> Item {
    let expecting = format!("an object, {schema}");
    let (extra, known): (Vec<_>, Vec<_>) = members.iter().partition(|member| member.flattened);
    let names = known.iter().map(|member| &member.name);
    let is_lenient = |member: &MemberOnWire| !extra.is_empty() && member.is_lenient(&schema.to_string(), critical);
    let arms = known.iter().enumerate().map(|(index, member)| {
        let ident = &member.ident;
        let read = match (&member.integer, member.optional) {
            (None, true) if is_lenient(member) => quote!(lenient),
            (None, false) if member.name == ELEMENTS => quote!(once),
            (None, _) => quote!(read),
            (Some(_), true) if is_lenient(member) => quote!(lenient_whole),
            (Some(_), true) => quote!(optional_whole),
            (Some(_), false) => quote!(whole),
        };
        quote!(#index => members.#read(&mut value.#ident)?,)
    });
    let needed = required(known.iter().copied());
    let keep: Option<TokenStream> =
        extra.first().map(|MemberOnWire { ident, .. }| quote!(value.#ident = members.into_extra();));
    parse_quote! {
        impl<'de> ::serde::Deserialize<'de> for #schema {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                struct Members;
                impl<'de> ::serde::de::Visitor<'de> for Members {
                    type Value = #schema;
                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str(#expecting)
                    }
                    fn visit_map<A: ::serde::de::MapAccess<'de>>(
                        self,
                        members: A,
                    ) -> ::std::result::Result<Self::Value, A::Error> {
                        let mut value = <#schema as crate::runtime::Payload>::empty();
                        let mut members = crate::runtime::ReadMembers::new(members, &[#(#names),*]);
                        while let ::std::option::Option::Some(member) = members.next()? {
                            match member {
                                #(#arms)*
                                _ => {}
                            }
                        }
                        members.have(#needed)?;
                        #keep
                        Ok(value)
                    }
                }
                deserializer.deserialize_map(Members)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TYPES: &str = r#"pub mod types {
        #[derive(::serde::Deserialize, ::serde::Serialize, Clone)]
        pub struct Order {
            pub id: String,
            pub lines: i32,
            pub note: ::std::option::Option<String>,
            pub price: ::std::option::Option<Money>,
            #[serde(rename = "lineItems", skip_serializing_if = "::std::option::Option::is_none")]
            pub line_items: ::std::option::Option<::std::vec::Vec<Line>>,
            #[serde(flatten)]
            pub extra: crate::runtime::Extra,
        }
    }"#;

    fn written(types: &str) -> String {
        let contract = json!({ "components": { "schemas": { "Order": { "properties": {
            "id": {}, "lines": {}, "note": {}, "price": { "x-critical": true }, "lineItems": {},
        } } } } });
        let mut file: File = syn::parse_str(types).unwrap();
        lossless_deserialize(&mut file, &Critical::of(&contract));
        prettyplease::unparse(&file)
    }

    #[test]
    fn deserialize_is_written_out_by_wire_name() {
        let code = written(TYPES);
        assert!(code.contains("#[derive(::serde::Serialize, Clone)]"), "{code}");
        assert!(code.contains(r#"&["id", "lines", "note", "price", "lineItems"]"#), "{code}");
        assert!(code.contains("members.lenient(&mut value.line_items)?"), "{code}");
        assert!(code.contains("members.have(3u64)?;"), "{code}");
        assert!(code.contains("value.extra = members.into_extra();"), "{code}");
    }

    #[test]
    fn the_elements_of_a_collection_come_once() {
        let code = written(&TYPES.replace("pub id: String", "pub items: Vec<String>"));
        assert!(code.contains("members.once(&mut value.items)?"), "{code}");
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        let code = written(TYPES);
        assert!(code.contains("members.whole(&mut value.lines)?"), "{code}");
    }

    #[test]
    fn a_critical_member_must_have_its_type_and_so_must_all_where_there_is_no_extra() {
        let code = written(TYPES);
        assert!(code.contains("members.read(&mut value.price)?"), "{code}");
        assert!(code.contains("members.lenient(&mut value.note)?"), "{code}");
        let code = written(&TYPES.replace("#[serde(flatten)]", "#[serde(rename = \"more\")]"));
        assert!(code.contains("members.read(&mut value.note)?"), "{code}");
    }
}
