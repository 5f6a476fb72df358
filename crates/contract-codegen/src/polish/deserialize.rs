//! The pass that writes `Deserialize` by hand.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{File, Ident, Item, Path, parse_quote};

use crate::types::{MemberOnWire, derives, last_is, structs, types_module};

/// The member that holds a collection's elements. Collections are also read element by element while they arrive, where
/// the last of several such members can't count: it is taken once or not at all.
const ELEMENTS: &str = "items";

/// Writes `Deserialize` by hand for every struct: one pass over the members, the last of a duplicated member counts (but a
/// collection's elements must not come twice), what is unknown goes into `extra`, `null` for an optional member is the
/// same as none, and `1.0` is a whole number, as it is to JSON Schema.
pub(super) fn lossless_deserialize(file: &mut File) -> usize {
    let mut impls = Vec::new();
    for item in structs(file) {
        let mut derived = false;
        for attribute in &mut item.attrs {
            let Some(paths) = derives(attribute) else {
                continue;
            };
            derived |= paths.iter().any(|path| last_is(path, "Deserialize"));
            let rest: Vec<Path> = paths.into_iter().filter(|path| !last_is(path, "Deserialize")).collect();
            *attribute = parse_quote!(#[derive(#(#rest),*)]);
        }
        let members: Option<Vec<MemberOnWire>> = item.fields.iter().map(MemberOnWire::of).collect();
        if let (true, Some(members)) = (derived, members) {
            impls.push(deserialize_impl(&item.ident, &members));
        }
    }
    let count = impls.len();
    if let Some(items) = types_module(file) {
        items.extend(impls);
    }
    count
}

fn deserialize_impl(name: &Ident, members: &[MemberOnWire]) -> Item {
    let expecting = format!("an object, {name}");
    let known: Vec<&MemberOnWire> = members.iter().filter(|member| !member.flattened).collect();
    // A prefix keeps a member from shadowing what the visitor itself names.
    let locals: Vec<Ident> = known.iter().map(|member| format_ident!("member_{}", member.ident)).collect();
    let arms = known.iter().zip(&locals).map(|(member, local)| {
        let name = &member.name;
        match (&member.integer, member.optional) {
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
    });
    let values = known.iter().zip(&locals).map(|(member, local)| {
        let MemberOnWire { ident, name, .. } = member;
        if member.optional {
            quote!(#ident: #local,)
        } else {
            quote!(#ident: #local.ok_or_else(|| ::serde::de::Error::missing_field(#name))?,)
        }
    });
    let flattened = members.iter().find(|member| member.flattened).map(|member| &member.ident);
    let (declare, keep, give): (TokenStream, TokenStream, TokenStream) = match flattened {
        Some(extra) => (
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
