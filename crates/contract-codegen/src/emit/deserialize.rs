//! How serde fills the types: in one pass over the members, from any format.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, parse_quote};

use crate::model::{Extra, Member, Struct, Types};

/// The member that holds a collection's elements. Collections are also read element by element while they arrive, where
/// the last of several such members can't count: it is taken once or not at all.
const ELEMENTS: &str = "items";

/// `Deserialize` for every struct: the last of a duplicated member counts (but a collection's elements must not come twice),
/// what is unknown goes into `extra`, and so does the value of an optional member that has another type, unless it is critical;
/// `null` for an optional member is the same as none, and `1.0` is a whole number, as it is to JSON Schema. What they have in
/// common is in the crate that they are written for.
pub fn implementations(types: &Types) -> Vec<Item> {
    types.structs.iter().flat_map(implementation).collect()
}

fn implementation(Struct { ident: name, members, extra }: &Struct) -> [Item; 2] {
    let text = name.to_string();
    // In the order of their names: the first that is missing is reported.
    let mut members: Vec<&Member> = members.iter().collect();
    members.sort_by_key(|member| &member.name);
    let names = members.iter().map(|member| &member.name);
    let arms = members.iter().enumerate().map(|(index, member)| arm(index, member));
    let needed = members.iter().enumerate().filter(|(_, member)| !member.is_optional());
    let needed = needed.fold(0_u64, |bits, (index, _)| bits | 1 << index);
    let extra = extra.as_ref().map_or_else(|| quote!(None), |Extra { ident, .. }| quote!(Some(&mut self.#ident)));
    let members = parse_quote! {
        impl crate::runtime::members::FromMembers for #name {
            const NAME: &'static str = #text;
            const NAMES: &'static [&'static str] = &[#(#names),*];
            const NEEDED: u64 = #needed;

            fn take<'de, A: ::serde::de::MapAccess<'de>>(
                &mut self,
                index: usize,
                members: &mut crate::runtime::ReadMembers<'de, A>,
            ) -> ::std::result::Result<(), A::Error> {
                match index {
                    #(#arms)*
                    _ => Ok(()),
                }
            }

            fn extra(&mut self) -> Option<&mut crate::runtime::Extra> {
                #extra
            }
        }
    };
    [members, parse_quote!(crate::runtime::members::deserialize! { #name })]
}

/// Takes the value of a member.
fn arm(index: usize, member: &Member) -> TokenStream {
    let ident = &member.ident;
    let read = match (member.integer(), member.is_optional()) {
        (None, true) if member.is_lenient => quote!(lenient),
        (None, false) if member.name == ELEMENTS => quote!(once),
        (None, _) => quote!(read),
        (Some(_), true) if member.is_lenient => quote!(lenient_whole),
        (Some(_), true) => quote!(optional_whole),
        (Some(_), false) => quote!(whole),
    };
    quote!(#index => members.#read(&mut self.#ident),)
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
            pub note: ::std::option::Option<String>,
            #[serde(flatten)]
            pub extra: ::serde_json::Map<String, Value>,
        }
    }";
    const SCHEMAS: &str = "{ Order: { properties: { id: {}, lines: {}, lineItems: {}, note: { x-critical: true } } } }";

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
        assert!(code.contains(r#"&["id", "lineItems", "lines", "note"]"#), "{code}");
        assert!(code.contains("1usize => members.lenient(&mut self.line_items)"), "{code}");
        assert!(code.contains("NEEDED: u64 = 5u64"), "{code}");
        assert!(code.contains("Some(&mut self.extra)"), "{code}");
    }

    #[test]
    fn the_elements_of_a_collection_come_once() {
        let code =
            printed(&TYPES.replace("pub id: String", "pub items: Vec<String>"), &SCHEMAS.replace("id:", "items:"));
        assert!(code.contains("members.once(&mut self.items)"), "{code}");
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        let code = printed(TYPES, SCHEMAS);
        assert!(code.contains("members.whole(&mut self.lines)"), "{code}");
    }

    #[test]
    fn a_critical_member_must_have_its_type_and_so_must_all_where_there_is_no_extra() {
        let code = printed(TYPES, SCHEMAS);
        assert!(code.contains("members.read(&mut self.note)"), "{code}");
        let types = TYPES.replace("#[serde(flatten)]", "").replace("extra", "more");
        let code = printed(&types, &SCHEMAS.replace("note:", "more: {}, note:"));
        assert!(code.contains("members.read(&mut self.line_items)"), "{code}");
    }
}
