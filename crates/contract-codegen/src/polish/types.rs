//! Passes over the types.

use contract::forms::inside;
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Fields, File, Item, ItemStruct, LitStr, Meta, Path, Token, Type, parse_quote};

use crate::model::is_flattened;
use crate::types::{derives, last_is, structs, types_module};

/// Writes `Option`, `String` and `Vec` by these names, which lint keeps free, in code and in attributes for serde.
pub(super) fn prelude_names(file: &mut File) -> usize {
    const PATHS: [(&str, &str); 3] =
        [("::std::option::Option", "Option"), ("::std::string::String", "String"), ("::std::vec::Vec", "Vec")];
    struct Pass(usize);
    impl VisitMut for Pass {
        fn visit_path_mut(&mut self, path: &mut Path) {
            let whole = path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>().join("::");
            let in_prelude = PATHS.iter().any(|(long, _)| long.strip_prefix("::") == Some(&whole));
            if in_prelude && path.leading_colon.take().is_some() {
                path.segments = path.segments.iter().skip(2).cloned().collect();
                self.0 += 1;
            }
            visit_mut::visit_path_mut(self, path);
        }

        fn visit_attribute_mut(&mut self, attribute: &mut Attribute) {
            if let Meta::List(list) = &mut attribute.meta
                && list.path.is_ident("serde")
                && let Ok(mut metas) = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            {
                metas.iter_mut().for_each(|meta| self.visit_meta_mut(meta));
                list.tokens = metas.into_token_stream();
            }
        }

        fn visit_lit_str_mut(&mut self, text: &mut LitStr) {
            for (long, short) in PATHS {
                if let Some(rest) = text.value().strip_prefix(long) {
                    *text = LitStr::new(&format!("{short}{rest}"), text.span());
                    self.0 += 1;
                }
            }
        }
    }
    let mut pass = Pass(0);
    pass.visit_file_mut(file);
    pass.0
}

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

/// Takes out the error of conversions, unless a type has one that can fail: a closed enum, a text with a pattern. No pass, as
/// either is right.
pub fn without_unused_error(file: &mut File) {
    let Some(items) = types_module(file) else { return };
    let is_error = |item: &Item| matches!(item, Item::Mod(module) if module.ident == "error");
    if !items.iter().any(|item| !is_error(item) && item.to_token_stream().to_string().contains("ConversionError")) {
        items.retain(|item| !is_error(item));
    }
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
        #[derive(Clone)]
        pub struct Moon {
            pub phase: ::std::option::Option<String>,
            #[serde(flatten)]
            pub extra: ::serde_json::Map<String, Value>,
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
    fn names_of_the_prelude_are_short() {
        let code = r#"pub mod types {
            pub struct Order {
                #[serde(rename = "moons", skip_serializing_if = "::std::option::Option::is_none")]
                pub moons: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
                pub others: ::std::collections::BTreeMap<::std::string::String, crate::wire::Money>,
            }
        }"#;
        let polished = super::super::after(prelude_names, code);
        assert!(polished.contains("pub moons: Option<Vec<String>>"), "{polished}");
        assert!(
            polished.contains(r#"#[serde(rename = "moons", skip_serializing_if = "Option::is_none")]"#),
            "{polished}"
        );
        assert!(
            polished.contains("pub others: ::std::collections::BTreeMap<String, crate::wire::Money>"),
            "{polished}"
        );
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
    fn an_error_that_no_conversion_has_goes() {
        let polished = |code: &str| {
            let mut file = syn::parse_str(code).unwrap();
            without_unused_error(&mut file);
            prettyplease::unparse(&file)
        };
        assert!(!polished(TYPES).contains("error"), "{}", polished(TYPES));
        let others = TYPES
            .replace("pub mod error", "impl TryFrom<&str> for Moon { type Error = ConversionError; } pub mod error");
        assert!(polished(&others).contains("pub mod error"), "{}", polished(&others));
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
