//! Passes over the types and their builders.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Expr, Field, Fields, File, GenericArgument, Ident, ImplItemFn, Item, ItemMod, ItemStruct, Lit, Meta,
    Path, PathArguments, Token, Type, TypePath, parse_quote,
};

use crate::load::MemberOrder;

/// The items of the module `types`, if the file has one.
fn types_module(file: &mut File) -> Option<&mut Vec<Item>> {
    file.items.iter_mut().find_map(|item| match item {
        Item::Mod(ItemMod { ident, content: Some((_, items)), .. }) if ident == "types" => Some(items),
        _ => None,
    })
}

/// The same, to look at.
fn types_of(file: &File) -> impl Iterator<Item = &Item> {
    let items = file.items.iter().find_map(|item| match item {
        Item::Mod(ItemMod { ident, content: Some((_, items)), .. }) if ident == "types" => Some(items),
        _ => None,
    });
    items.into_iter().flatten()
}

/// The structs with named members that stand for schemas.
fn structs(file: &mut File) -> impl Iterator<Item = &mut ItemStruct> {
    types_module(file).into_iter().flatten().filter_map(|item| match item {
        Item::Struct(item) if matches!(item.fields, Fields::Named(_)) => Some(item),
        _ => None,
    })
}

fn derives(attribute: &Attribute) -> Option<Punctuated<Path, Token![,]>> {
    attribute
        .path()
        .is_ident("derive")
        .then(|| attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated).ok())
        .flatten()
}

fn last_is(path: &Path, name: &str) -> bool {
    path.segments.last().is_some_and(|segment| segment.ident == name)
}

/// The type inside `Option<…>`, `Vec<…>` and the like.
pub(crate) fn inside<'a>(kind: &'a Type, wrapper: &str) -> Option<&'a Type> {
    let Type::Path(TypePath { path, .. }) = kind else {
        return None;
    };
    let segment = path.segments.last().filter(|segment| segment.ident == wrapper)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(kind) => Some(kind),
        _ => None,
    })
}

fn is_integer(kind: &Type) -> bool {
    matches!(kind, Type::Path(TypePath { path, .. }) if path.is_ident("i32") || path.is_ident("i64"))
}

/// A member of a struct as serde sees it.
pub(crate) struct MemberOnWire {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) optional: bool,
    pub(crate) flattened: bool,
    /// The integer that it holds.
    integer: Option<Type>,
}

impl MemberOnWire {
    fn of(field: &Field) -> Option<Self> {
        let ident = field.ident.clone()?;
        let mut member = Self {
            name: ident.to_string().trim_start_matches("r#").to_owned(),
            optional: inside(&field.ty, "Option").is_some(),
            flattened: false,
            integer: Some(inside(&field.ty, "Option").unwrap_or(&field.ty)).filter(|kind| is_integer(kind)).cloned(),
            ident,
        };
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")) {
            for meta in attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()? {
                match &meta {
                    Meta::Path(path) if path.is_ident("flatten") => member.flattened = true,
                    Meta::NameValue(pair) if pair.path.is_ident("rename") => {
                        if let Expr::Lit(literal) = &pair.value
                            && let Lit::Str(name) = &literal.lit
                        {
                            member.name = name.value();
                        }
                    }
                    _ => {}
                }
            }
        }
        Some(member)
    }
}

/// The structs with named members, to look at.
pub(crate) fn structs_of(file: &File) -> impl Iterator<Item = &ItemStruct> {
    types_of(file).filter_map(|item| match item {
        Item::Struct(item) if matches!(item.fields, Fields::Named(_)) => Some(item),
        _ => None,
    })
}

/// The members of a struct, with their types.
pub(crate) fn members_of(item: &ItemStruct) -> Option<Vec<(MemberOnWire, Type)>> {
    item.fields.iter().map(|field| Some((MemberOnWire::of(field)?, field.ty.clone()))).collect()
}

/// The members of the struct of that name, with their types.
pub(crate) fn struct_members(file: &File, name: &str) -> Option<Vec<(MemberOnWire, Type)>> {
    members_of(structs_of(file).find(|item| item.ident == name)?)
}

/// The types without members of their own, which hold a single value, one of several, or one of a closed list; each with the
/// fields that its simplest value has.
pub(crate) fn values(file: &File) -> Vec<(Ident, Option<Ident>, Fields)> {
    let values = types_of(file).filter_map(|item| match item {
        Item::Struct(ItemStruct { ident, fields: fields @ Fields::Unnamed(_), .. }) => {
            Some((ident.clone(), None, fields.clone()))
        }
        Item::Enum(item) => {
            let simplest = item.variants.iter().min_by_key(|variant| variant.fields.len())?;
            Some((item.ident.clone(), Some(simplest.ident.clone()), simplest.fields.clone()))
        }
        _ => None,
    });
    values.collect()
}

/// Puts the members of each struct into the order of the contract, which is that of the service: they are written in it,
/// and were allocated in it.
pub(crate) fn in_order(file: &mut File, order: &MemberOrder) {
    for item in structs(file) {
        let schema = item.ident.to_string();
        let Fields::Named(fields) = &mut item.fields else { continue };
        let mut members: Vec<Field> = std::mem::take(&mut fields.named).into_iter().collect();
        members.sort_by_key(|field| {
            let member = MemberOnWire::of(field);
            member.filter(|member| !member.flattened).map_or(usize::MAX, |member| order.place(&schema, &member.name))
        });
        fields.named = members.into_iter().collect();
    }
}

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
            quote!(let mut #extra = ::serde_json::Map::new();),
            quote!(_ => {
                #extra.insert(name.into_string(), members.next_value()?);
            }),
            quote!(#extra,),
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
        let mut file: File = syn::parse_str(TYPES).unwrap();
        assert!(pass(&mut file) > 0, "the pass found nothing to do");
        prettyplease::unparse(&file)
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
        in_order(&mut file, &crate::load::parse("contract.yaml", contract).unwrap().member_order());
        let names: Vec<String> =
            struct_members(&file, "Order").unwrap().iter().map(|(member, _)| member.ident.to_string()).collect();
        assert_eq!(names, ["line_items", "id", "lines", "extra"]);
    }

    #[test]
    fn deserialize_is_written_out_by_wire_name() {
        let polished = after(lossless_deserialize);
        assert!(polished.contains("#[derive(::serde::Serialize, Clone)]"), "{polished}");
        assert!(polished.contains("\"lineItems\" => member_line_items = members.next_value()?"), "{polished}");
        assert!(polished.contains("missing_field(\"id\")"), "{polished}");
        assert!(polished.contains("extra.insert(name.into_string()"), "{polished}");
    }

    #[test]
    fn the_elements_of_a_collection_come_once() {
        let mut file: File = syn::parse_str(&TYPES.replace("pub id: String", "pub items: Vec<String>")).unwrap();
        assert!(lossless_deserialize(&mut file) > 0);
        let polished = prettyplease::unparse(&file);
        assert!(polished.contains("duplicate_field(\"items\")"), "{polished}");
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        let polished = after(lossless_deserialize);
        assert!(polished.contains("crate::members::Whole<i32>"), "{polished}");
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
    fn a_setter_of_an_optional_member_takes_the_value() {
        let polished = after(optional_setters_take_values);
        assert!(polished.contains("TryInto<String>"), "{polished}");
        assert!(
            polished.replace(char::is_whitespace, "").contains(".try_into().map(::std::option::Option::Some).map_err"),
            "{polished}"
        );
    }
}
