//! Conversions from the form of a resource that is read to the form in which it is sent back (`x-sent-back-as`).
//!
//! What both forms have is moved; what only the read form has goes into `extra` under its wire name, so that a
//! read-modify-write loses nothing even where the contract forgot a member.

use contract::forms::{Move, inside, moved};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;

use crate::model::{Member, Types};

/// A pair of forms can't be converted.
#[derive(Debug, thiserror::Error)]
#[error("components/schemas/{read} is sent back as {written}, but {problem}")]
pub struct FormsError {
    read: String,
    written: String,
    problem: String,
}

/// The file `forms.rs`.
///
/// # Errors
/// When a form has no struct, or a member of the written form can't be filled from the read one.
pub fn conversions(types: &Types) -> Result<TokenStream, FormsError> {
    let conversions =
        types.forms.iter().map(|(read, written)| conversion(types, read, written)).collect::<Result<Vec<_>, _>>()?;
    Ok(quote! { use crate::types; #(#conversions)* })
}

fn conversion(types: &Types, read: &str, written: &str) -> Result<TokenStream, FormsError> {
    let wrong = |problem: String| FormsError { read: read.to_owned(), written: written.to_owned(), problem };
    let source = types.get(read).ok_or_else(|| wrong(format!("{read} has no struct")))?;
    let target = types.get(written).ok_or_else(|| wrong(format!("{written} has no struct")))?;
    let mut fields = Vec::new();
    for Member { ident, name, kind, .. } in &target.members {
        let value = match source.members.iter().find(|member| member.name == *name) {
            Some(from) => moved(&from.kind, kind, &types.forms)
                .map(|way| expression(ident, &way))
                .ok_or_else(|| wrong(format!("the types of `{name}` have no conversion")))?,
            None if inside(kind, "Option").is_some() => quote!(None),
            None => return Err(wrong(format!("it can't fill the required member `{name}`"))),
        };
        fields.push(quote!(#ident: #value));
    }
    let kept: Vec<TokenStream> = source
        .members
        .iter()
        .filter(|member| !target.members.iter().any(|target| target.name == member.name))
        .map(keep)
        .collect();
    let extra = if kept.is_empty() { quote!(extra) } else { quote!(mut extra) };
    let names = source.members.iter().map(|member| &member.ident);
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
fn keep(member: &Member) -> TokenStream {
    let Member { ident, name, .. } = member;
    let insert = quote!(extra.insert_serialized(#name, &#ident).ok(););
    if member.is_optional() { quote!(if let Some(#ident) = #ident { #insert }) } else { insert }
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
    use super::*;
    use crate::model::of_test;

    const TYPES: &str = "pub mod types {
        pub struct Order { pub id: String, pub lines: Vec<Line>, pub only_read: Option<String>,
            #[serde(flatten)] pub extra: Map }
        pub struct OrderPatch { pub id: Option<String>, pub lines: Option<Vec<LinePatch>>, pub only_written: Option<String>,
            #[serde(flatten)] pub extra: Map }
        pub struct Line { pub n: i32, #[serde(flatten)] pub extra: Map }
        pub struct LinePatch { pub n: i32, #[serde(flatten)] pub extra: Map }
    }";

    const SCHEMAS: &str = "{
        Order: { x-sent-back-as: OrderPatch, properties: { id: {}, lines: {}, onlyRead: {} } },
        OrderPatch: { properties: { id: {}, lines: {}, only_written: {} } },
        Line: { x-sent-back-as: LinePatch, properties: { n: {} } },
        LinePatch: { properties: { n: {} } },
    }";

    #[test]
    fn every_member_has_a_place() {
        let code = conversions(&of_test(TYPES, SCHEMAS).1).unwrap().to_string().replace(' ', "");
        assert!(code.contains("id:Some(id)"), "{code}");
        assert!(code.contains("lines:Some(lines.into_iter().map(Into::into).collect())"), "{code}");
        assert!(code.contains("only_written:None"), "{code}");
        assert!(code.contains("extra.insert_serialized(\"onlyRead\",&only_read).ok();"), "{code}");
    }

    #[test]
    fn a_required_member_without_source_is_rejected() {
        let types = TYPES.replace("pub only_written: Option<String>", "pub only_written: String");
        let error = conversions(&of_test(&types, SCHEMAS).1).unwrap_err();
        assert!(error.to_string().contains("can't fill the required member `only_written`"), "{error}");
    }
}
