//! How serde writes the types: the members in the contract's order, and unknown ones as they were received.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, parse_quote};

use crate::model::{Extra, Member, Struct, Types};

/// `Serialize` for every struct. Unknown members come last, except for those whose name a typed member has that is written:
/// serde's derive would write both.
pub fn implementations(types: &Types) -> Vec<Item> {
    types.structs.iter().flat_map(implementation).collect()
}

fn implementation(Struct { ident: name, members, extra }: &Struct) -> [Item; 2] {
    let entries = members.iter().map(entry);
    let extra = extra
        .as_ref()
        .map_or_else(|| quote!(const { &crate::runtime::Extra::new() }), |Extra { ident, .. }| quote!(&self.#ident));
    let written = parse_quote! {
        impl crate::runtime::written::Object for #name {
            fn write_members<S: crate::runtime::written::MemberSink>(
                &self,
                to: &mut S,
            ) -> ::std::result::Result<(), S::Error> {
                #(#entries)*
                Ok(())
            }

            fn extra(&self) -> &crate::runtime::Extra {
                #extra
            }
        }
    };
    [written, parse_quote!(crate::runtime::written::serialize! { #name })]
}

fn entry(member: &Member) -> TokenStream {
    let Member { ident, name, .. } = member;
    if member.is_optional() {
        quote!(to.put_some(#name, self.#ident.as_ref())?;)
    } else {
        quote!(to.put(#name, &self.#ident)?;)
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
            "fnextra(&self)->&crate::runtime::Extra{&self.extra}",
            "to.put(\"id\",&self.id)?;to.put_some(\"lineItems\",self.line_items.as_ref())?;Ok(())",
        ] {
            assert!(written.contains(code), "{code} is not in {written}");
        }
    }
}
