//! How the crate's own reader fills the types: what serde does for any format, without its detours.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Fields, File, Ident};

use crate::critical::Critical;
use crate::types::{MemberOnWire, members_of, required, structs_of, values};

/// A type that the reader can't fill.
#[derive(Debug, thiserror::Error)]
#[error("the schema {schema} has {count} members; the reader keeps track of {MOST_MEMBERS} at most")]
pub struct PayloadsError {
    schema: String,
    count: usize,
}

/// One bit each records which were there.
const MOST_MEMBERS: usize = 64;

/// The file `payloads.rs`, for the types as polished: members are tried in the order in which they are declared.
///
/// # Errors
/// When a type has too many members.
pub fn payloads(client: &File, critical: &Critical<'_>) -> Result<TokenStream, PayloadsError> {
    let payloads = structs_of(client)
        .filter_map(|item| Some((&item.ident, members_of(item)?)))
        .map(|(name, members)| payload(name, members.into_iter().map(|(member, _)| member).collect(), critical))
        .collect::<Result<Vec<_>, _>>()?;
    let values = values(client).into_iter().map(|(name, variant, fields)| value(&name, variant.as_ref(), &fields));
    Ok(quote! {
        use crate::runtime::{Members, Name, Names, Payload, Reader, Rejected};
        use crate::types;

        #(#payloads)*
        #(#values)*
    })
}

/// A type without members of its own, which is left to serde.
fn value(name: &Ident, variant: Option<&Ident>, fields: &Fields) -> TokenStream {
    let variant = variant.map(|variant| quote!(::#variant));
    let empty = match fields {
        Fields::Unit => quote!(),
        Fields::Unnamed(fields) => {
            let fields = fields.unnamed.iter().map(|_| quote!(Payload::empty()));
            quote!((#(#fields),*))
        }
        Fields::Named(fields) => {
            let names = fields.named.iter().filter_map(|field| field.ident.as_ref());
            quote!({ #(#names: Payload::empty()),* })
        }
    };
    quote! {
        impl Payload for types::#name {
            fn empty() -> Self {
                Self #variant #empty
            }

            fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected> {
                *self = reader.with_serde()?;
                Ok(())
            }
        }
    }
}

fn payload(name: &Ident, members: Vec<MemberOnWire>, critical: &Critical<'_>) -> Result<TokenStream, PayloadsError> {
    let (extra, known): (Vec<_>, Vec<_>) = members.into_iter().partition(|member| member.flattened);
    if known.len() > MOST_MEMBERS {
        return Err(PayloadsError { schema: name.to_string(), count: known.len() });
    }
    let empty = known.iter().chain(&extra).map(|MemberOnWire { ident, .. }| quote!(#ident: Payload::empty()));
    let names = known.iter().map(|member| {
        let text = format!("{}\":", member.name);
        quote!(Name::new(#text))
    });
    let arms = known.iter().enumerate().map(|(position, member)| {
        let ident = &member.ident;
        if !extra.is_empty() && member.is_lenient(&name.to_string(), critical) {
            quote!(#position => reader.lenient(&members, &mut self.#ident),)
        } else {
            quote!(#position => self.#ident.fill(reader),)
        }
    });
    let (unknown, moved) = match extra.first() {
        Some(MemberOnWire { ident, .. }) => {
            (quote!(reader.unknown()), quote!(reader.move_unknown(&members, &mut self.#ident);))
        }
        None => (quote!(Err(Rejected)), quote!()),
    };
    let needed = required(known.iter());
    Ok(quote! {
        impl Payload for types::#name {
            fn empty() -> Self {
                Self { #(#empty),* }
            }

            fn fill(&mut self, reader: &mut Reader<'_>) -> Result<(), Rejected> {
                const NAMES: &Names = &Names::new(&[#(#names),*]);
                let mut members = Members::new(NAMES, reader);
                reader.object(|reader| match reader.member(&mut members)? {
                    #(#arms)*
                    _ => #unknown,
                })?;
                #moved
                members.have(#needed)
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use syn::parse_quote;

    use quote::format_ident;

    use super::*;
    use crate::types::in_order;
    use contract::load;

    fn code(client: &File) -> Result<String, PayloadsError> {
        let contract = json!({ "components": { "schemas": { "Order": { "properties": { "alternateId": {} } } } } });
        payloads(client, &Critical::of(&contract)).map(|code| code.to_string())
    }

    fn client() -> File {
        parse_quote! {
            pub mod types {
                pub struct Order {
                    #[serde(rename = "alternateId")]
                    pub alternate_id: ::std::option::Option<String>,
                    pub id: String,
                    #[serde(flatten)]
                    pub extra: Map,
                }
                pub struct Bare {
                    pub id: String,
                }
            }
        }
    }

    #[test]
    fn members_are_tried_in_the_order_of_the_contract() {
        let contract = "{ components: { schemas: { Order: { properties: { id: {}, alternateId: {} } } } } }";
        let mut client = client();
        in_order(&mut client, &load::parse("contract.yaml", contract).unwrap().member_order());
        let code = code(&client).unwrap();
        assert!(code.contains(r#"Name :: new ("id\":") , Name :: new ("alternateId\":")"#), "{code}");
        assert!(code.contains("0usize => self . id . fill (reader)"), "{code}");
    }

    #[test]
    fn an_optional_member_may_have_another_type() {
        let code = code(&client()).unwrap();
        assert!(code.contains("reader . lenient (& members , & mut self . alternate_id)"), "{code}");
    }

    #[test]
    fn what_is_required_is_asked_for_by_its_bit() {
        let code = code(&client()).unwrap();
        assert!(code.contains("members . have (1u64)"), "{code}");
    }

    #[test]
    fn what_is_unknown_is_kept_where_there_is_room_for_it() {
        let code = code(&client()).unwrap();
        assert!(code.contains("_ => reader . unknown ()"), "{code}");
        assert!(code.contains("reader . move_unknown (& members , & mut self . extra)"), "{code}");
        assert!(code.contains("_ => Err (Rejected)"), "{code}");
    }

    #[test]
    fn values_without_members_are_for_serde() {
        let client = parse_quote! {
            pub mod types {
                pub struct Phase(pub String);
                pub enum Moon { Integer(i64), String(String) }
                pub enum Tide { Ebb, Flood }
            }
        };
        let code = code(&client).unwrap();
        for empty in ["Self (Payload :: empty ())", "Self :: Integer (Payload :: empty ())", "Self :: Ebb"] {
            assert!(code.contains(empty), "{code}");
        }
        assert_eq!(code.matches("* self = reader . with_serde () ?").count(), 3, "{code}");
    }

    #[test]
    fn too_many_members_are_told() {
        let fields = (0..65).map(|number| format_ident!("m{number}"));
        let client = parse_quote! { pub mod types { pub struct Wide { #(pub #fields: String),* } } };
        let error = code(&client).unwrap_err().to_string();
        assert!(error.contains("Wide has 65 members"), "{error}");
    }
}
