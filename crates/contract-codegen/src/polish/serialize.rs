//! `Serialize`, written by hand.

use quote::quote;
use syn::{Attribute, File, Ident, Item, Path, parse_quote};

use crate::types::{MemberOnWire, derives, last_is, structs, types_module};

/// Writes `Serialize` by hand for every struct, with the members in their order in the struct. Unknown members are written as
/// they were received, except for those whose name a typed member has that is written: serde's derive would write both.
///
/// Attributes for serde remain for the derived schema, which has the same names.
pub fn lossless_serialize(file: &mut File) {
    let mut impls = Vec::new();
    for item in structs(file) {
        let Some(members) = item.fields.iter().map(MemberOnWire::of).collect::<Option<Vec<_>>>() else { continue };
        let mut derived = false;
        for attribute in &mut item.attrs {
            let Some(paths) = derives(attribute) else { continue };
            derived |= paths.iter().any(|path| last_is(path, "Serialize"));
            let rest: Vec<Path> = paths.into_iter().filter(|path| !last_is(path, "Serialize")).collect();
            *attribute = parse_quote!(#[derive(#(#rest),*)]);
        }
        if derived {
            item.attrs.iter_mut().chain(item.fields.iter_mut().flat_map(|field| &mut field.attrs)).for_each(for_schema);
            impls.extend(serialize_impl(&item.ident, &members));
        }
    }
    if let Some(items) = types_module(file) {
        items.extend(impls);
    }
}

/// Keeps an attribute for serde where the schema is derived.
fn for_schema(attribute: &mut Attribute) {
    if attribute.path().is_ident("serde") {
        let meta = &attribute.meta;
        *attribute = parse_quote!(#[cfg_attr(feature = "schemars", #meta)]);
    }
}

fn serialize_impl(name: &Ident, members: &[MemberOnWire]) -> [Item; 2] {
    let (extra, known): (Vec<_>, Vec<_>) = members.iter().partition(|member| member.flattened);
    let entries = known.iter().map(|MemberOnWire { ident, name, optional, .. }| {
        if *optional {
            quote!(to.put_some(#name, self.#ident.as_ref())?;)
        } else {
            quote!(to.put(#name, &self.#ident)?;)
        }
    });
    let extra = extra.first().map_or_else(
        || quote!(const { &crate::runtime::Extra::new() }),
        |MemberOnWire { ident, .. }| quote!(&self.#ident),
    );
    let written = parse_quote! {
        impl crate::runtime::Object for #name {
            fn write_members<S: crate::runtime::MemberSink>(&self, to: &mut S) -> ::std::result::Result<(), S::Error> {
                #(#entries)*
                Ok(())
            }
            fn extra(&self) -> &crate::runtime::Extra {
                #extra
            }
        }
    };
    let serialize = parse_quote! {
        impl ::serde::Serialize for #name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                crate::runtime::write_object(self, serializer)
            }
        }
    };
    [written, serialize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_written_in_order_and_unknown_ones_last() {
        let mut file: File = parse_quote! {
            pub mod types {
                #[derive(Clone, ::serde::Serialize)]
                pub struct Order {
                    pub id: String,
                    #[serde(rename = "lineItems", skip_serializing_if = "Option::is_none")]
                    pub line_items: Option<Vec<Line>>,
                    #[serde(flatten)]
                    pub extra: crate::runtime::Extra,
                }
            }
        };
        lossless_serialize(&mut file);
        let written = prettyplease::unparse(&file).replace(char::is_whitespace, "");
        for code in [
            "#[derive(Clone)]",
            "serde(rename=\"lineItems\",skip_serializing_if=\"Option::is_none\")",
            "#[cfg_attr(feature=\"schemars\",serde(flatten))]",
            "to.put(\"id\",&self.id)?;to.put_some(\"lineItems\",self.line_items.as_ref())?;Ok(())",
            "fnextra(&self)->&crate::runtime::Extra{&self.extra}",
            "crate::runtime::write_object(self,serializer)",
        ] {
            assert!(written.contains(code), "{code} is not in {written}");
        }
    }
}
