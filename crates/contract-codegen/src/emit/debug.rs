//! `Debug` that shows what is there, and no secret.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, parse_quote};

use crate::model::{Extra, Member, Struct, Types};

/// Types whose members are secrets, with those of their members that may be shown. Anyone with a token or an activation link's
/// address can use it, so no log may show it.
const SECRET_TYPES: &[(&str, &[&str])] = &[
    ("OAuthToken", &["token_type", "scope", "expires_in", "ext_expires_in", "expires_on", "not_before", "resource"]),
    ("OrderLineItemActivationLink", &["line_item_number"]),
];

/// `Debug` of every struct.
pub fn implementations(types: &Types) -> Vec<Item> {
    types.structs.iter().map(implementation).collect()
}

fn implementation(Struct { ident: name, members, extra }: &Struct) -> Item {
    let secret = SECRET_TYPES.iter().find(|(secret, _)| name == secret).map(|(_, shown)| *shown);
    let is_shown = |member: &&Member| secret.is_none_or(|shown| shown.iter().any(|name| member.ident == name));
    let members = members.iter().filter(is_shown).map(field);
    let extra = extra.iter().filter(|_| secret.is_none()).map(|Extra { ident, .. }| {
        let name = ident.to_string();
        quote!((#name, unless(self.#ident.is_empty(), &self.#ident)))
    });
    let fields: Vec<TokenStream> = members.chain(extra).collect();
    let (docs, function) = if secret.is_some() {
        let docs = " Shows nothing that is secret, nor members that the contract does not know.";
        (quote!(#[doc = #docs]), quote!(debug_in_part))
    } else {
        (quote!(), quote!(debug))
    };
    let name_text = name.to_string();
    parse_quote! {
        #docs
        impl ::std::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                use crate::runtime::shown::*;
                #function(f, #name_text, &[#(#fields),*])
            }
        }
    }
}

fn field(member: &Member) -> TokenStream {
    let ident = &member.ident;
    let name = ident.to_string();
    if member.is_optional() { quote!((#name, present(&self.#ident))) } else { quote!((#name, Some(&self.#ident))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::of_test;

    fn code(types: &str, schemas: &str) -> String {
        let (_, types) = of_test(types, schemas);
        let items = implementations(&types);
        prettyplease::unparse(&syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items })
    }

    #[test]
    fn members_that_may_be_absent_are_shown_where_they_are_there() {
        let code = code(
            "pub mod types { pub struct Order { pub id: String, pub note: Option<String>, #[serde(flatten)] pub extra: Map } }",
            "{ Order: { properties: { id: {}, note: {} } } }",
        );
        assert!(code.contains("(\"id\", Some(&self.id))"), "{code}");
        assert!(code.contains("(\"note\", present(&self.note))"), "{code}");
        assert!(code.contains("unless(self.extra.is_empty(), &self.extra)"), "{code}");
    }

    #[test]
    fn secrets_do_not_show() {
        let code = code(
            "pub mod types {
                pub struct OrderLineItemActivationLink {
                    pub line_item_number: Option<i32>, pub link: Link, #[serde(flatten)] pub extra: Map,
                }
                pub struct Link { pub uri: String }
            }",
            "{
                OrderLineItemActivationLink: { properties: { lineItemNumber: {}, link: {} } },
                Link: { properties: { uri: {} } },
            }",
        );
        assert!(code.contains("debug_in_part") && code.contains("self.line_item_number"), "{code}");
        assert!(!code.contains("self.link") && !code.contains("self.extra"), "{code}");
        assert!(code.contains("self.uri"), "only the link type keeps it: {code}");
    }
}
