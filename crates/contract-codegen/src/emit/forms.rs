//! Conversions from the form of a resource that is read to the form in which it is sent back (`x-sent-back-as`).
//!
//! What both forms have is moved; what only the read form has goes into `extra` under its wire name, so that a
//! read-modify-write loses nothing even where the contract forgot a member.

use contract::forms::{Move, moved};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;
use syn::{File, Ident};

use crate::types::{MemberOnWire, struct_members};

/// A pair of forms can't be converted.
#[derive(Debug, thiserror::Error)]
#[error("components/schemas/{read} is sent back as {written}, but {problem}")]
pub struct FormsError {
    read: String,
    written: String,
    problem: String,
}

/// The pairs of schema names, read form first.
fn pairs(contract: &Value) -> Vec<(String, String)> {
    contract
        .pointer("/components/schemas")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(name, schema)| Some((name.clone(), schema.get("x-sent-back-as")?.as_str()?.to_owned())))
        .collect()
}

/// The file `forms.rs`, for the types as polished.
///
/// # Errors
/// When a form has no struct, or a member of the written form can't be filled from the read one.
pub fn conversions(contract: &Value, client: &File) -> Result<TokenStream, FormsError> {
    let pairs = pairs(contract);
    let conversions =
        pairs.iter().map(|(read, written)| conversion(client, &pairs, read, written)).collect::<Result<Vec<_>, _>>()?;
    Ok(quote! { use crate::types; #(#conversions)* })
}

fn conversion(client: &File, pairs: &[(String, String)], read: &str, written: &str) -> Result<TokenStream, FormsError> {
    let wrong = |problem: String| FormsError { read: read.to_owned(), written: written.to_owned(), problem };
    let sources = struct_members(client, read).ok_or_else(|| wrong(format!("{read} has no struct")))?;
    let targets = struct_members(client, written).ok_or_else(|| wrong(format!("{written} has no struct")))?;
    let names: Vec<&Ident> = sources.iter().map(|(member, _)| &member.ident).collect();
    let mut fields = Vec::new();
    for (target, kind) in targets.iter().filter(|(member, _)| !member.flattened) {
        let ident = &target.ident;
        let source = sources.iter().find(|(member, _)| member.name == target.name);
        let value = match source {
            Some((_, source_kind)) => moved(source_kind, kind, pairs)
                .map(|way| expression(ident, &way))
                .ok_or_else(|| wrong(format!("the types of `{}` have no conversion", target.name)))?,
            None if target.optional => quote!(None),
            None => return Err(wrong(format!("it can't fill the required member `{}`", target.name))),
        };
        fields.push(quote!(#ident: #value));
    }
    let kept: Vec<TokenStream> = sources
        .iter()
        .map(|(member, _)| member)
        .filter(|member| !member.flattened && !targets.iter().any(|(target, _)| target.name == member.name))
        .map(keep)
        .collect();
    let extra = if kept.is_empty() { quote!(extra) } else { quote!(mut extra) };
    let names = names.iter().filter(|name| **name != "extra");
    let (read_type, written_type) = (format_ident!("{read}"), format_ident!("{written}"));
    let docs = format!(" A [`{read}`](types::{read}) that was read, to be sent back with every member that it had.");
    Ok(quote! {
        #[doc = #docs]
        impl From<types::#read_type> for types::#written_type {
            fn from(read: types::#read_type) -> Self {
                let types::#read_type { #(#names,)* #extra } = read;
                #(#kept)*
                Self { #(#fields,)* extra }
            }
        }
    })
}

/// Puts a member that the written form doesn't know among its unknown ones. A type of the contract can always be written.
fn keep(member: &MemberOnWire) -> TokenStream {
    let MemberOnWire { ident, name, optional, .. } = member;
    let insert = quote!(extra.insert_serialized(#name, &#ident).ok(););
    if *optional { quote!(if let Some(#ident) = #ident { #insert }) } else { insert }
}

/// The expression that moves a member of the read form.
fn expression(ident: &Ident, way: &Move) -> TokenStream {
    match way {
        Move::Unchanged => quote!(#ident),
        Move::Converted => quote!(#ident.into()),
        Move::InSome(way) => {
            let value = expression(ident, way);
            quote!(Some(#value))
        }
        Move::Mapped(way) => {
            let value = expression(ident, way);
            quote!(#ident.map(|#ident| #value))
        }
        Move::EachConverted => quote!(#ident.into_iter().map(Into::into).collect()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TYPES: &str = r#"pub mod types {
        pub struct Order { pub id: String, pub lines: Vec<Line>, #[serde(rename = "onlyRead")] pub only_read: Option<String>,
            #[serde(flatten)] pub extra: Map }
        pub struct OrderPatch { pub id: Option<String>, pub lines: Option<Vec<LinePatch>>, pub only_written: Option<String>,
            #[serde(flatten)] pub extra: Map }
        pub struct Line { pub n: i32, #[serde(flatten)] pub extra: Map }
        pub struct LinePatch { pub n: i32, #[serde(flatten)] pub extra: Map }
    }"#;

    fn contract() -> Value {
        json!({ "components": { "schemas": {
            "Order": { "x-sent-back-as": "OrderPatch" }, "Line": { "x-sent-back-as": "LinePatch" },
        } } })
    }

    #[test]
    fn every_member_has_a_place() {
        let code = conversions(&contract(), &syn::parse_str(TYPES).unwrap()).unwrap().to_string().replace(' ', "");
        assert!(code.contains("id:Some(id)"), "{code}");
        assert!(code.contains("lines:Some(lines.into_iter().map(Into::into).collect())"), "{code}");
        assert!(code.contains("only_written:None"), "{code}");
        assert!(code.contains("extra.insert_serialized(\"onlyRead\",&only_read).ok();"), "{code}");
    }

    #[test]
    fn a_required_member_without_source_is_rejected() {
        let types = TYPES.replace("pub only_written: Option<String>", "pub only_written: String");
        let error = conversions(&contract(), &syn::parse_str(&types).unwrap()).unwrap_err();
        assert!(error.to_string().contains("can't fill the required member `only_written`"), "{error}");
    }
}
