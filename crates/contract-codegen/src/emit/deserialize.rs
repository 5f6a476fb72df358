//! How serde fills the types: in one pass over the members, from any format.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, parse_quote};

use crate::model::{Extra, Member, Struct, Types};

/// The member that holds a collection's elements. Collections are also read element by element while they arrive, where
/// the last of several such members can't count: it is taken once or not at all.
const ELEMENTS: &str = "items";

/// `Deserialize` for every struct: the last of a duplicated member counts (but a collection's elements must not come twice),
/// what is unknown goes into `extra`, `null` for an optional member is the same as none, and `1.0` is a whole number, as it is
/// to JSON Schema. What they have in common is in the crate that they are written for.
pub fn implementations(types: &Types) -> Vec<Item> {
    types.structs.iter().flat_map(implementation).collect()
}

fn implementation(Struct { ident: name, members, extra }: &Struct) -> [Item; 2] {
    let text = name.to_string();
    // In the order of their names: the first that is missing is reported.
    let mut required: Vec<&Member> = members.iter().filter(|member| !member.is_optional()).collect();
    required.sort_by_key(|member| &member.name);
    let arms = members.iter().map(|member| {
        let bit = required.iter().position(|other| other.name == member.name);
        arm(member, bit)
    });
    let required = required.iter().map(|member| &member.name);
    let extra = extra.as_ref().map_or_else(|| quote!(None), |Extra { ident, .. }| quote!(Some(&mut self.#ident)));
    let members = parse_quote! {
        impl crate::runtime::members::FromMembers for #name {
            const NAME: &'static str = #text;
            const REQUIRED: &'static [&'static str] = &[#(#required),*];

            fn take<'de, A: ::serde::de::MapAccess<'de>>(
                &mut self,
                name: &str,
                value: &mut crate::runtime::members::MemberValue<'_, A>,
            ) -> ::std::result::Result<bool, A::Error> {
                match name {
                    #(#arms)*
                    _ => Ok(false),
                }
            }

            fn extra(&mut self) -> Option<&mut crate::runtime::Extra> {
                #extra
            }
        }
    };
    [members, parse_quote!(crate::runtime::members::deserialize! { #name })]
}

/// Takes the value of a member; a required one has a bit that records that it was there.
fn arm(member: &Member, bit: Option<usize>) -> TokenStream {
    let Member { ident, name, .. } = member;
    match (bit, member.integer()) {
        (None, None) => quote!(#name => value.optional(&mut self.#ident),),
        (None, Some(_)) => quote!(#name => value.optional_whole(&mut self.#ident),),
        (Some(bit), None) if name == ELEMENTS => quote!(#name => value.once(#bit, #name, &mut self.#ident),),
        (Some(bit), None) => quote!(#name => value.required(#bit, &mut self.#ident),),
        (Some(bit), Some(_)) => quote!(#name => value.required_whole(#bit, &mut self.#ident),),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::of_test;

    const TYPES: &str = "pub mod types {
        pub struct Order {
            pub id: String,
            pub lines: i32,
            pub line_items: ::std::option::Option<::std::vec::Vec<Line>>,
            #[serde(flatten)]
            pub extra: ::serde_json::Map<String, Value>,
        }
    }";
    const SCHEMAS: &str = "{ Order: { properties: { id: {}, lines: {}, lineItems: {} } } }";

    fn printed(types: &str, schemas: &str) -> String {
        let (_, types) = of_test(types, schemas);
        prettyplease::unparse(&syn::File {
            shebang: None,
            frontmatter: None,
            attrs: Vec::new(),
            items: implementations(&types),
        })
    }

    #[test]
    fn members_are_read_by_wire_name() {
        let code = printed(TYPES, SCHEMAS);
        assert!(code.contains("\"lineItems\" => value.optional(&mut self.line_items)"), "{code}");
        assert!(code.contains("REQUIRED: &'static [&'static str] = &[\"id\", \"lines\"]"), "{code}");
        assert!(code.contains("Some(&mut self.extra)"), "{code}");
    }

    #[test]
    fn the_elements_of_a_collection_come_once() {
        let code = printed(
            &TYPES.replace("pub id: String", "pub items: Vec<String>"),
            "{ Order: { properties: { items: {}, lines: {}, lineItems: {} } } }",
        );
        assert!(code.contains("\"items\" => value.once(0usize, \"items\", &mut self.items)"), "{code}");
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        let code = printed(TYPES, SCHEMAS);
        assert!(code.contains("value.required_whole(1usize, &mut self.lines)"), "{code}");
    }
}
