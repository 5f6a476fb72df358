//! Which schema describes which generated struct, for code that validates typed values.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use super::{quick, shapes};
use crate::model::Types;

/// The file `described.rs`: one line for each schema of an object that became a struct.
pub fn descriptions(contract: &Value, types: &Types) -> TokenStream {
    let schemas = contract.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten();
    let structs = schemas
        .filter(|(name, schema)| quick::is_covered(schema) && types.get(name).is_some())
        .map(|(name, _)| (format_ident!("{}", name), shapes::static_name(name)));
    let descriptions = structs.map(|(name, constant)| {
        quote! {
            impl Described for types::#name {
                const SCHEMA: Schema = Schema::#constant;
            }
        }
    });
    quote! {
        use partner_center_orders_schema::{Described, Schema};

        use crate::types;

        #(#descriptions)*
    }
}
