//! How the crate's own reader fills the types: what serde does for any format, without its detours.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Fields;

use crate::model::{Extra, Struct, Types, Value};

/// A type that the reader can't fill.
#[derive(Debug, thiserror::Error)]
#[error("the schema {schema} has {count} members; the reader keeps track of {MOST_MEMBERS} at most")]
pub struct PayloadsError {
    schema: String,
    count: usize,
}

/// One bit each records which were there.
const MOST_MEMBERS: usize = 64;

/// The file `payloads.rs`: members are tried in the order in which they are declared.
///
/// # Errors
/// When a type has too many members.
pub fn payloads(types: &Types) -> Result<TokenStream, PayloadsError> {
    let payloads = types.structs.iter().map(payload).collect::<Result<Vec<_>, _>>()?;
    let values = types.values.iter().map(value);
    Ok(quote! {
        use crate::runtime::{Members, Name, Names, Payload, Reader, Rejected};
        use crate::types;

        #(#payloads)*
        #(#values)*
    })
}

/// A type without members of its own, which is left to serde.
fn value(Value { ident: name, variant, fields }: &Value) -> TokenStream {
    let variant = variant.as_ref().map(|variant| quote!(::#variant));
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

fn payload(Struct { ident: name, members, extra }: &Struct) -> Result<TokenStream, PayloadsError> {
    if members.len() > MOST_MEMBERS {
        return Err(PayloadsError { schema: name.to_string(), count: members.len() });
    }
    let idents = members.iter().map(|member| &member.ident).chain(extra.iter().map(|extra| &extra.ident));
    let empty = idents.map(|ident| quote!(#ident: Payload::empty()));
    let names = members.iter().map(|member| {
        let text = format!("{}\":", member.name);
        quote!(Name::new(#text))
    });
    let arms = members.iter().enumerate().map(|(position, member)| {
        let ident = &member.ident;
        if member.is_lenient {
            quote!(#position => reader.lenient(&members, &mut self.#ident),)
        } else {
            quote!(#position => self.#ident.fill(reader),)
        }
    });
    let (unknown, moved) = match extra {
        Some(Extra { ident, .. }) => {
            (quote!(reader.unknown()), quote!(reader.move_unknown(&members, &mut self.#ident);))
        }
        None => (quote!(Err(Rejected)), quote!()),
    };
    let needed = members
        .iter()
        .enumerate()
        .filter(|(_, member)| !member.is_optional())
        .fold(0_u64, |needed, (position, _)| needed | 1 << position);
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
    use super::*;
    use crate::model::of_test;

    const TYPES: &str = "pub mod types {
        pub struct Order {
            pub alternate_id: ::std::option::Option<String>,
            pub id: String,
            #[serde(flatten)]
            pub extra: Map,
        }
        pub struct Bare {
            pub id: String,
        }
    }";
    const BARE: &str = "Bare: { properties: { id: {} } }";

    fn types() -> Types {
        of_test(TYPES, &format!("{{ Order: {{ properties: {{ alternateId: {{}}, id: {{}} }} }}, {BARE} }}")).1
    }

    #[test]
    fn members_are_tried_in_the_order_of_the_contract() {
        let (_, types) =
            of_test(TYPES, &format!("{{ Order: {{ properties: {{ id: {{}}, alternateId: {{}} }} }}, {BARE} }}"));
        let code = payloads(&types).unwrap().to_string();
        assert!(code.contains(r#"Name :: new ("id\":") , Name :: new ("alternateId\":")"#), "{code}");
        assert!(code.contains("0usize => self . id . fill (reader)"), "{code}");
    }

    #[test]
    fn an_optional_member_may_have_another_type() {
        let code = payloads(&types()).unwrap().to_string();
        assert!(code.contains("reader . lenient (& members , & mut self . alternate_id)"), "{code}");
    }

    #[test]
    fn what_is_required_is_asked_for_by_its_bit() {
        let code = payloads(&types()).unwrap().to_string();
        assert!(code.contains("members . have (1u64)"), "{code}");
    }

    #[test]
    fn what_is_unknown_is_kept_in_types_that_have_a_member_for_it() {
        let code = payloads(&types()).unwrap().to_string();
        assert!(code.contains("_ => reader . unknown ()"), "{code}");
        assert!(code.contains("reader . move_unknown (& members , & mut self . extra)"), "{code}");
        assert!(code.contains("_ => Err (Rejected)"), "{code}");
    }

    #[test]
    fn values_without_members_are_for_serde() {
        let types = "pub mod types {
            pub struct Phase(pub String);
            pub enum Moon { Integer(i64), String(String) }
            pub enum Tide { Ebb, Flood }
        }";
        let code = payloads(&of_test(types, "{}").1).unwrap().to_string();
        for empty in ["Self (Payload :: empty ())", "Self :: Integer (Payload :: empty ())", "Self :: Ebb"] {
            assert!(code.contains(empty), "{code}");
        }
        assert_eq!(code.matches("* self = reader . with_serde () ?").count(), 3, "{code}");
    }

    #[test]
    fn too_many_members_are_reported() {
        let fields: String = (0..65).map(|number| format!("pub m{number}: String, ")).collect();
        let members: String = (0..65).map(|number| format!("m{number}: {{}}, ")).collect();
        let types = format!("pub mod types {{ pub struct Wide {{ {fields} }} }}");
        let (_, types) = of_test(&types, &format!("{{ Wide: {{ properties: {{ {members} }} }} }}"));
        let error = payloads(&types).unwrap_err().to_string();
        assert!(error.contains("Wide has 65 members"), "{error}");
    }
}
