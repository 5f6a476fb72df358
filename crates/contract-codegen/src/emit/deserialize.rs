//! How serde fills the types: in one pass over the members, from any format.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Item, parse_quote};

use crate::model::{Extra, Member, Struct, Types};

/// The member that holds a collection's elements. Collections are also read element by element while they arrive, where
/// the last of several such members can't count: it is taken once or not at all.
const ELEMENTS: &str = "items";

/// `Deserialize` for every struct: the last of a duplicated member counts (but a collection's elements must not come twice),
/// what is unknown goes into `extra`, `null` for an optional member is the same as none, and `1.0` is a whole number, as it is
/// to JSON Schema.
pub fn implementations(types: &Types) -> Vec<Item> {
    types.structs.iter().map(implementation).collect()
}

fn implementation(Struct { ident: name, members, extra }: &Struct) -> Item {
    let expecting = format!("an object, {name}");
    // In the order of their names: the first that is missing is reported.
    let mut members: Vec<&Member> = members.iter().collect();
    members.sort_by_key(|member| &member.name);
    // A prefix keeps a member from shadowing what the visitor itself names.
    let locals: Vec<Ident> = members.iter().map(|member| format_ident!("member_{}", member.ident)).collect();
    let arms = members.iter().zip(&locals).map(|(member, local)| arm(member, local));
    let values = members.iter().zip(&locals).map(|(member, local)| {
        let Member { ident, name, .. } = member;
        if member.is_optional() {
            quote!(#ident: #local,)
        } else {
            quote!(#ident: #local.ok_or_else(|| ::serde::de::Error::missing_field(#name))?,)
        }
    });
    let (declare, keep, give): (TokenStream, TokenStream, TokenStream) = match extra {
        Some(Extra { ident: extra, .. }) => (
            quote!(let mut #extra = crate::runtime::KeptMembers::default();),
            quote!(_ => {
                #extra.read(name.as_str(), &mut members)?;
            }),
            quote!(#extra: #extra.into(),),
        ),
        None => (
            quote!(),
            quote!(_ => {
                members.next_value::<::serde::de::IgnoredAny>()?;
            }),
            quote!(),
        ),
    };
    parse_quote! {
        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
            where
                D: ::serde::Deserializer<'de>,
            {
                struct Members;
                impl<'de> ::serde::de::Visitor<'de> for Members {
                    type Value = #name;
                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str(#expecting)
                    }
                    fn visit_map<A>(self, mut members: A) -> ::std::result::Result<Self::Value, A::Error>
                    where
                        A: ::serde::de::MapAccess<'de>,
                    {
                        #(let mut #locals = ::std::option::Option::None;)*
                        #declare
                        while let ::std::option::Option::Some(name) =
                            members.next_key::<crate::members::MemberName<'de>>()?
                        {
                            match name.as_str() {
                                #(#arms)*
                                #keep
                            }
                        }
                        Ok(#name { #(#values)* #give })
                    }
                }
                deserializer.deserialize_map(Members)
            }
        }
    }
}

/// Takes the value of a member.
fn arm(member: &Member, local: &Ident) -> TokenStream {
    let name = &member.name;
    match (member.integer(), member.is_optional()) {
        (None, true) => quote!(#name => #local = members.next_value()?,),
        (None, false) if name == ELEMENTS => quote! {
            #name => {
                if #local.replace(members.next_value()?).is_some() {
                    return Err(::serde::de::Error::duplicate_field(#name));
                }
            }
        },
        (None, false) => quote!(#name => #local = ::std::option::Option::Some(members.next_value()?),),
        (Some(integer), true) => quote! {
            #name => #local = members
                .next_value::<::std::option::Option<crate::members::Whole<#integer>>>()?
                .map(|whole| whole.0),
        },
        (Some(integer), false) => quote! {
            #name => #local =
                ::std::option::Option::Some(members.next_value::<crate::members::Whole<#integer>>()?.0),
        },
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
        assert!(code.contains("\"lineItems\" => member_line_items = members.next_value()?"), "{code}");
        assert!(code.contains("missing_field(\"id\")"), "{code}");
        assert!(code.contains("extra.read(name.as_str(), &mut members)?"), "{code}");
    }

    #[test]
    fn the_elements_of_a_collection_come_once() {
        let code = printed(
            &TYPES.replace("pub id: String", "pub items: Vec<String>"),
            "{ Order: { properties: { items: {}, lines: {}, lineItems: {} } } }",
        );
        assert!(code.contains("duplicate_field(\"items\")"), "{code}");
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        let code = printed(TYPES, SCHEMAS);
        assert!(code.contains("crate::members::Whole<i32>"), "{code}");
    }
}
