//! The generated types in the syntax tree: where they are, and what they derive.

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Fields, File, Item, ItemMod, ItemStruct, Lit, Meta, Path, Token};

/// The items of the module `types`, if the file has one.
pub(crate) fn types_module(file: &mut File) -> Option<&mut Vec<Item>> {
    file.items.iter_mut().find_map(|item| match item {
        Item::Mod(ItemMod { ident, content: Some((_, items)), .. }) if ident == "types" => Some(items),
        _ => None,
    })
}

/// The same, to look at.
pub(crate) fn types_of(file: &File) -> impl Iterator<Item = &Item> {
    let items = file.items.iter().find_map(|item| match item {
        Item::Mod(ItemMod { ident, content: Some((_, items)), .. }) if ident == "types" => Some(items),
        _ => None,
    });
    items.into_iter().flatten()
}

/// The structs with named members that are generated from schemas.
pub(crate) fn structs(file: &mut File) -> impl Iterator<Item = &mut ItemStruct> {
    types_module(file).into_iter().flatten().filter_map(|item| match item {
        Item::Struct(item) if matches!(item.fields, Fields::Named(_)) => Some(item),
        _ => None,
    })
}

/// The same, to look at.
pub(crate) fn structs_of(file: &File) -> impl Iterator<Item = &ItemStruct> {
    types_of(file).filter_map(|item| match item {
        Item::Struct(item) if matches!(item.fields, Fields::Named(_)) => Some(item),
        _ => None,
    })
}

/// The text of an attribute that is documentation.
pub(crate) fn doc_text(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    if !pair.path.is_ident("doc") {
        return None;
    }
    match &pair.value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// What an attribute derives, if it does.
pub(crate) fn derives(attribute: &Attribute) -> Option<Punctuated<Path, Token![,]>> {
    attribute
        .path()
        .is_ident("derive")
        .then(|| attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated).ok())
        .flatten()
}

/// Whether a path ends in a name.
pub(crate) fn last_is(path: &Path, name: &str) -> bool {
    path.segments.last().is_some_and(|segment| segment.ident == name)
}
