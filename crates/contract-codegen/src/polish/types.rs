//! Passes over the types.

use contract::forms::inside;
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Attribute, Fields, File, ImplItem, Item, ItemStruct, Path, Token, Type, parse_quote};

use crate::model::is_flattened;
use crate::types::{derives, last_is, structs, types_module};

/// Takes off the derived traits what is emitted.
pub(super) fn emitted_traits_off(file: &mut File) -> usize {
    let off = |item: &mut ItemStruct| ["Deserialize", "Serialize", "Debug"].map(|name| take_derive_off(item, name));
    structs(file).map(|item| off(item).into_iter().filter(|taken| *taken).count()).sum()
}

/// Derives `Default` for structs that demand nothing.
pub(super) fn defaults_derived(file: &mut File) -> usize {
    let mut count = 0;
    for item in structs(file) {
        let demands_nothing =
            item.fields.iter().all(|field| is_flattened(field) || inside(&field.ty, "Option").is_some());
        for attribute in &mut item.attrs {
            let Some(mut paths) = derives(attribute).filter(|_| demands_nothing) else {
                continue;
            };
            if !paths.iter().any(|path| last_is(path, "Default")) {
                paths.push(parse_quote!(Default));
                *attribute = parse_quote!(#[derive(#paths)]);
                count += 1;
            }
        }
    }
    count
}

/// Takes out typify's builders, and with them the error that only they have.
pub(super) fn builders_off(file: &mut File) -> usize {
    let Some(items) = types_module(file) else { return 0 };
    let before = items.len();
    let named = |item: &Item, name: &str| matches!(item, Item::Mod(module) if module.ident == name);
    items.retain(|item| !named(item, "builder") && !starts_builder(item));
    let uses_error =
        |item: &Item| !named(item, "error") && item.to_token_stream().to_string().contains("ConversionError");
    if !items.iter().any(uses_error) {
        items.retain(|item| !named(item, "error"));
    }
    before - items.len()
}

/// Whether an item only starts a type's builder, as `Order::builder` does.
fn starts_builder(item: &Item) -> bool {
    let Item::Impl(block) = item else { return false };
    block.trait_.is_none()
        && matches!(block.items.as_slice(), [ImplItem::Fn(function)] if function.sig.ident == "builder")
}

/// Marks structs and enums `#[non_exhaustive]`: they are built by their constructors.
pub(super) fn non_exhaustive(file: &mut File) -> usize {
    mark_types(file, &parse_quote!(#[non_exhaustive]))
}

/// Derives `JsonSchema` where the feature `schemars` is on.
pub(super) fn schemars_by_feature(file: &mut File) -> usize {
    mark_types(file, &parse_quote!(#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]))
}

/// Adds an attribute to each struct and enum.
fn mark_types(file: &mut File, attribute: &Attribute) -> usize {
    let mut count = 0;
    for item in types_module(file).into_iter().flatten() {
        let attributes = match item {
            Item::Struct(item) => &mut item.attrs,
            Item::Enum(item) => &mut item.attrs,
            _ => continue,
        };
        attributes.push(attribute.clone());
        count += 1;
    }
    count
}

/// Keeps unknown members as their text.
pub(super) fn unknown_members_as_text(file: &mut File) -> usize {
    let mut count = 0;
    for item in structs(file) {
        for field in item.fields.iter_mut().filter(|field| is_flattened(field)) {
            if matches!(&field.ty, Type::Path(path) if last_is(&path.path, "Map")) {
                field.ty = parse_quote!(crate::runtime::Extra);
                count += 1;
            }
        }
    }
    count
}

/// Keeps the attributes for serde where a schema is derived, which has the same names; what reads and writes is emitted.
pub fn serde_only_for_schemas(file: &mut File) {
    for item in structs(file).filter(|item| matches!(item.fields, Fields::Named(_))) {
        let of_fields = item.fields.iter_mut().flat_map(|field| &mut field.attrs);
        for attribute in item.attrs.iter_mut().chain(of_fields).filter(|attribute| attribute.path().is_ident("serde")) {
            let meta = &attribute.meta;
            *attribute = parse_quote!(#[cfg_attr(feature = "schemars", #meta)]);
        }
    }
}

/// Whether the struct derived the trait, which it does no longer.
fn take_derive_off(item: &mut ItemStruct, name: &str) -> bool {
    let mut taken = false;
    for attribute in &mut item.attrs {
        let Some(derived) = derives(attribute) else {
            continue;
        };
        let kept: Punctuated<Path, Token![,]> = derived.iter().filter(|path| !last_is(path, name)).cloned().collect();
        if kept.len() < derived.len() {
            *attribute = parse_quote!(#[derive(#kept)]);
            taken = true;
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPES: &str = "pub mod types {
        #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
        pub struct Order {
            pub id: String,
            #[serde(flatten)]
            pub extra: ::serde_json::Map<String, Value>,
        }
        impl Order {
            pub fn builder() -> builder::Order { Default::default() }
        }
        #[derive(Clone)]
        pub struct Moon {
            pub phase: ::std::option::Option<String>,
            #[serde(flatten)]
            pub extra: ::serde_json::Map<String, Value>,
        }
        pub mod builder {
            pub struct Order { extra: Result<Map, String> }
        }
        pub mod error {
            pub struct ConversionError;
        }
    }";

    fn after(pass: fn(&mut File) -> usize) -> String {
        super::super::after(pass, TYPES)
    }

    #[test]
    fn what_is_emitted_is_derived_no_longer() {
        let polished = after(emitted_traits_off);
        assert!(polished.contains("#[derive(Clone)]"), "{polished}");
    }

    #[test]
    fn structs_are_open_for_new_members() {
        assert!(after(non_exhaustive).contains("#[non_exhaustive]"));
    }

    #[test]
    fn schemas_are_derived_behind_the_feature() {
        assert!(after(schemars_by_feature).contains("cfg_attr(feature = \"schemars\""));
    }

    #[test]
    fn builders_go_and_the_error_that_only_they_had() {
        let polished = after(builders_off);
        assert!(!polished.contains("builder") && !polished.contains("error"), "{polished}");
        assert!(polished.contains("pub struct Order"), "{polished}");
        let others = TYPES
            .replace("pub mod error", "impl TryFrom<&str> for Moon { type Error = ConversionError; } pub mod error");
        assert!(super::super::after(builders_off, &others).contains("pub mod error"));
    }

    #[test]
    fn what_demands_nothing_has_a_default() {
        let polished = after(defaults_derived);
        assert!(polished.contains("derive(Clone, Default)]\n    pub struct Moon"), "{polished}");
        assert_eq!(polished.matches("Default)]").count(), 1, "{polished}");
    }

    #[test]
    fn unknown_members_are_kept_as_text() {
        let polished = after(unknown_members_as_text);
        assert_eq!(polished.matches("pub extra: crate::runtime::Extra").count(), 2, "{polished}");
    }

    #[test]
    fn serde_hears_nothing_where_no_schema_is_derived() {
        let mut file: File = syn::parse_str(TYPES).unwrap();
        serde_only_for_schemas(&mut file);
        let polished = prettyplease::unparse(&file);
        assert!(polished.contains("#[cfg_attr(feature = \"schemars\", serde(flatten))]"), "{polished}");
    }
}
