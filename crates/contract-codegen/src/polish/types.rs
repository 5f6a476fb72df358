//! Passes over the types and their builders.

use contract::forms::inside;
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Expr, File, GenericArgument, ImplItemFn, Item, ItemMod, ItemStruct, Path, PathArguments, Token, Type, parse_quote,
};

use crate::types::{MemberOnWire, derives, last_is, structs, types_module};

/// Adds a method of the same name to each optional array: its elements, or none.
pub(super) fn slice_accessors(file: &mut File) -> usize {
    let mut impls: Vec<Item> = Vec::new();
    for item in structs(file) {
        let accessors: Vec<TokenStream> = item
            .fields
            .iter()
            .filter_map(|field| {
                let element = inside(inside(&field.ty, "Option")?, "Vec")?;
                let name = field.ident.as_ref()?;
                let docs = format!(" The elements of `{name}`: none where it is absent or empty.");
                Some(quote! {
                    #[doc = #docs]
                    pub fn #name(&self) -> &[#element] {
                        self.#name.as_deref().unwrap_or_default()
                    }
                })
            })
            .collect();
        if !accessors.is_empty() {
            let name = &item.ident;
            impls.push(parse_quote!(impl #name { #(#accessors)* }));
        }
    }
    let count = impls.len();
    if let Some(items) = types_module(file) {
        items.extend(impls);
    }
    count
}

/// Marks structs and enums `#[non_exhaustive]`: they are built by their builders.
pub(super) fn non_exhaustive(file: &mut File) -> usize {
    let mut count = 0;
    for item in types_module(file).into_iter().flatten() {
        let attributes = match item {
            Item::Struct(item) => &mut item.attrs,
            Item::Enum(item) => &mut item.attrs,
            _ => continue,
        };
        attributes.push(parse_quote!(#[non_exhaustive]));
        count += 1;
    }
    count
}

/// Derives `JsonSchema` where the feature `schemars` is on.
pub(super) fn schemars_by_feature(file: &mut File) -> usize {
    let mut count = 0;
    for item in types_module(file).into_iter().flatten() {
        let attributes = match item {
            Item::Struct(item) => &mut item.attrs,
            Item::Enum(item) => &mut item.attrs,
            _ => continue,
        };
        attributes.push(parse_quote!(#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]));
        count += 1;
    }
    count
}

/// Starts `extra` empty in every builder, and gives `Default` to structs that demand nothing.
pub(super) fn unknown_members_optional(file: &mut File) -> usize {
    struct Pass(usize);
    impl VisitMut for Pass {
        fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
            if matches!(&field.member, syn::Member::Named(name) if name == "extra")
                && field.expr.to_token_stream().to_string().starts_with("Err")
            {
                field.expr = parse_quote!(Ok(Default::default()));
                self.0 += 1;
            }
        }
    }
    for item in structs(file) {
        let demands_nothing =
            item.fields.iter().filter_map(MemberOnWire::of).all(|member| member.optional || member.flattened);
        for attribute in &mut item.attrs {
            let Some(mut paths) = derives(attribute) else {
                continue;
            };
            if demands_nothing && !paths.iter().any(|path| last_is(path, "Default")) {
                paths.push(parse_quote!(Default));
                *attribute = parse_quote!(#[derive(#paths)]);
            }
        }
    }
    let mut pass = Pass(0);
    pass.visit_file_mut(file);
    pass.0
}

/// Keeps unknown members as their text, in struct, builder and setter.
pub(super) fn unknown_members_as_text(file: &mut File) -> usize {
    struct Pass(usize);
    impl VisitMut for Pass {
        fn visit_field_mut(&mut self, field: &mut syn::Field) {
            if field.ident.as_ref().is_some_and(|name| name == "extra") {
                self.visit_type_mut(&mut field.ty);
            }
        }

        fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
            if function.sig.ident == "extra" {
                self.visit_signature_mut(&mut function.sig);
            }
        }

        fn visit_type_mut(&mut self, kind: &mut Type) {
            if matches!(kind, Type::Path(path) if last_is(&path.path, "Map")) {
                *kind = parse_quote!(crate::runtime::Extra);
                self.0 += 1;
                return;
            }
            visit_mut::visit_type_mut(self, kind);
        }
    }
    let mut pass = Pass(0);
    for item in types_module(file).into_iter().flatten() {
        pass.visit_item_mut(item);
    }
    pass.0
}

/// Lets the setter of an optional member take the value itself, as the setters of parameters do.
pub(super) fn optional_setters_take_values(file: &mut File) -> usize {
    struct Pass(usize);
    impl VisitMut for Pass {
        fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
            let Some(clause) = &mut function.sig.generics.where_clause else {
                return;
            };
            let mut unwrap = UnwrapOption(0);
            unwrap.visit_where_clause_mut(clause);
            if unwrap.0 > 0 {
                MapSome.visit_block_mut(&mut function.block);
                self.0 += 1;
            }
        }
    }
    /// `TryInto<Option<X>>` -> `TryInto<X>`.
    struct UnwrapOption(usize);
    impl VisitMut for UnwrapOption {
        fn visit_path_mut(&mut self, path: &mut Path) {
            if let Some(segment) = path.segments.last_mut().filter(|segment| segment.ident == "TryInto")
                && let PathArguments::AngleBracketed(arguments) = &mut segment.arguments
            {
                for argument in &mut arguments.args {
                    if let GenericArgument::Type(kind) = argument
                        && let Some(inner) = inside(kind, "Option").cloned()
                    {
                        *kind = inner;
                        self.0 += 1;
                    }
                }
            }
        }
    }
    /// `value.try_into().map_err(…)` -> `value.try_into().map(Some).map_err(…)`.
    struct MapSome;
    impl VisitMut for MapSome {
        fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
            if call.method == "map_err"
                && matches!(&*call.receiver, Expr::MethodCall(inner) if inner.method == "try_into")
            {
                let receiver = &call.receiver;
                *call.receiver = parse_quote!(#receiver.map(::std::option::Option::Some));
                return;
            }
            visit_mut::visit_expr_method_call_mut(self, call);
        }
    }
    let mut pass = Pass(0);
    for item in types_module(file).into_iter().flatten() {
        if let Item::Mod(module) = item
            && module.ident == "builder"
        {
            pass.visit_item_mod_mut(module);
        }
    }
    pass.0
}

/// Types whose members are secrets, with those of their members that may be shown.
const SECRET_TYPES: &[(&str, &[&str])] = &[
    ("OAuthToken", &["token_type", "scope", "expires_in", "ext_expires_in", "expires_on", "not_before", "resource"]),
    ("OrderLineItemActivationLink", &["line_item_number"]),
];

/// Writes `Debug` out for types that hold secrets, and for their builders, so that it shows none of them.
pub(super) fn secrets_hidden(file: &mut File) -> usize {
    let Some(types) = types_module(file) else {
        return 0;
    };
    let mut hidden = hide_secrets(types);
    for item in types {
        if let Item::Mod(ItemMod { ident, content: Some((_, items)), .. }) = item
            && ident == "builder"
        {
            hidden += hide_secrets(items);
        }
    }
    hidden
}

fn hide_secrets(items: &mut Vec<Item>) -> usize {
    let mut written = Vec::new();
    for item in items.iter_mut() {
        let Item::Struct(item) = item else {
            continue;
        };
        let Some((_, shown)) = SECRET_TYPES.iter().find(|(name, _)| item.ident == name) else {
            continue;
        };
        if !take_debug_off(item) {
            continue;
        }
        let ident = &item.ident;
        let name = ident.to_string();
        let shown = shown.iter().map(|member| {
            let field = format_ident!("{member}");
            quote!(.field(#member, &self.#field))
        });
        let debug: Item = parse_quote! {
            /// Shows nothing that is secret, nor members that the contract does not know.
            impl ::std::fmt::Debug for #ident {
                fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    f.debug_struct(#name)#(#shown)*.finish_non_exhaustive()
                }
            }
        };
        written.push(debug);
    }
    let count = written.len();
    items.extend(written);
    count
}

/// Whether the struct derived `Debug`, which it does no longer.
fn take_debug_off(item: &mut ItemStruct) -> bool {
    let mut taken = false;
    for attribute in &mut item.attrs {
        let Some(derived) = derives(attribute) else {
            continue;
        };
        let kept: Punctuated<Path, Token![,]> =
            derived.iter().filter(|path| !last_is(path, "Debug")).cloned().collect();
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
    use crate::types::{in_order, struct_members};

    const TYPES: &str = r#"pub mod types {
        #[derive(::serde::Deserialize, ::serde::Serialize, Clone)]
        pub struct Order {
            pub id: String,
            pub lines: i32,
            #[serde(rename = "lineItems", skip_serializing_if = "::std::option::Option::is_none")]
            pub line_items: ::std::option::Option<::std::vec::Vec<Line>>,
            #[serde(flatten)]
            pub extra: ::serde_json::Map<String, Value>,
        }
        pub mod builder {
            pub struct Order { extra: Result<Map, String> }
            impl Default for Order {
                fn default() -> Self { Self { extra: Err("no value supplied for extra".to_string()) } }
            }
            impl Order {
                pub fn note<T>(mut self, value: T) -> Self
                where T: ::std::convert::TryInto<::std::option::Option<String>>, T::Error: Display {
                    self.note = value.try_into().map_err(|e| format!("{e}"));
                    self
                }
            }
        }
    }"#;

    fn after(pass: fn(&mut File) -> usize) -> String {
        super::super::after(pass, TYPES)
    }

    #[test]
    fn secrets_do_not_show_in_debug_of_type_or_builder() {
        let mut file: File = parse_quote! {
            pub mod types {
                #[derive(Clone, Debug, PartialEq)]
                pub struct OrderLineItemActivationLink { pub line_item_number: Option<i32>, pub link: Link }
                #[derive(Clone, Debug)]
                pub struct Link { pub uri: String }
                pub mod builder {
                    #[derive(Clone, Debug)]
                    pub struct OrderLineItemActivationLink {
                        line_item_number: Result<Option<i32>, String>,
                        link: Result<Link, String>,
                    }
                }
            }
        };
        assert_eq!(secrets_hidden(&mut file), 2);
        let polished = prettyplease::unparse(&file);
        assert_eq!(polished.matches("derive(Clone, Debug)").count(), 1, "only the link type keeps it: {polished}");
        assert!(polished.contains("derive(Clone, PartialEq)"), "{polished}");
        assert_eq!(polished.matches("impl ::std::fmt::Debug for OrderLineItemActivationLink").count(), 2, "{polished}");
        assert!(!polished.contains("&self.link"), "{polished}");
    }

    #[test]
    fn members_stand_in_the_order_of_the_contract() {
        let contract = "{ components: { schemas: { Order: { properties: { lineItems: {}, id: {}, lines: {} } } } } }";
        let mut file: File = syn::parse_str(TYPES).unwrap();
        in_order(&mut file, &contract::load::parse("contract.yaml", contract).unwrap().member_order());
        let names: Vec<String> =
            struct_members(&file, "Order").unwrap().iter().map(|(member, _)| member.ident.to_string()).collect();
        assert_eq!(names, ["line_items", "id", "lines", "extra"]);
    }

    #[test]
    fn an_optional_array_reads_as_a_slice() {
        assert!(after(slice_accessors).contains("pub fn line_items(&self) -> &[Line]"));
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
    fn a_builder_starts_without_unknown_members() {
        assert!(after(unknown_members_optional).contains("extra: Ok(Default::default())"));
    }

    #[test]
    fn unknown_members_are_kept_as_text() {
        let polished = after(unknown_members_as_text);
        assert!(polished.contains("pub extra: crate::runtime::Extra"), "{polished}");
        assert!(polished.contains("extra: Result<crate::runtime::Extra, String>"), "{polished}");
        assert!(!polished.contains("Map"), "{polished}");
    }

    #[test]
    fn a_setter_of_an_optional_member_takes_the_value() {
        let polished = after(optional_setters_take_values);
        assert!(polished.contains("TryInto<String>"), "{polished}");
        assert!(
            polished.replace(char::is_whitespace, "").contains(".try_into().map(::std::option::Option::Some).map_err"),
            "{polished}"
        );
    }
}
