//! How serde writes the types: the members in the contract's order, and unknown ones as they were received.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, parse_quote};

use crate::model::{Extra, Member, Struct, Types};

/// `Serialize` for every struct. Unknown members come last, except for those whose name a typed member has that is written:
/// serde's derive would write both.
pub fn implementations(types: &Types) -> Vec<Item> {
    types.structs.iter().map(implementation).collect()
}

fn implementation(Struct { ident: name, members, extra }: &Struct) -> Item {
    let entries = members.iter().map(entry);
    let extra = extra
        .as_ref()
        .map_or_else(|| quote!(const { &crate::runtime::Extra::new() }), |Extra { ident, .. }| quote!(&self.#ident));
    parse_quote! {
        impl ::serde::Serialize for #name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                let mut members = crate::runtime::WrittenMembers::<S>::new(serializer, #extra)?;
                #(#entries)*
                members.end()
            }
        }
    }
}

fn entry(member: &Member) -> TokenStream {
    let Member { ident, name, .. } = member;
    if member.is_optional() {
        quote!(members.optional(#name, self.#ident.as_ref())?;)
    } else {
        quote!(members.required(#name, &self.#ident)?;)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::of_test;

    #[test]
    fn members_are_written_in_order_and_unknown_ones_last() {
        let (_, types) = of_test(
            "pub mod types { pub struct Order { pub id: String, pub line_items: Option<Vec<Line>>, #[serde(flatten)] pub extra: Extra } }",
            "{ Order: { properties: { id: {}, lineItems: {} } } }",
        );
        let written = implementations(&types).iter().map(|item| quote!(#item).to_string()).collect::<String>();
        let written = written.replace(char::is_whitespace, "");
        for code in [
            "::new(serializer,&self.extra)?",
            "members.required(\"id\",&self.id)?;members.optional(\"lineItems\",self.line_items.as_ref())?;",
        ] {
            assert!(written.contains(code), "{code} is not in {written}");
        }
    }
}
