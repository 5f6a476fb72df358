//! The generated types, as polishing and emitting look at them: the structs of the module `types`, and their members as serde
//! sees them.

use contract::forms::inside;
use contract::load::MemberOrder;
use proc_macro2::Ident;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Expr, Field, Fields, File, Item, ItemMod, ItemStruct, Lit, Meta, MetaList, Path, Token, Type, TypePath,
};

use crate::critical::Critical;

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
    pub(crate) integer: Option<Type>,
}

impl MemberOnWire {
    pub(crate) fn of(field: &Field) -> Option<Self> {
        let ident = field.ident.clone()?;
        let mut member = Self {
            name: ident.to_string().trim_start_matches("r#").to_owned(),
            optional: inside(&field.ty, "Option").is_some(),
            flattened: false,
            integer: Some(inside(&field.ty, "Option").unwrap_or(&field.ty)).filter(|kind| is_integer(kind)).cloned(),
            ident,
        };
        for attribute in field.attrs.iter().filter_map(serde_of) {
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

    /// Whether a value of another type is kept instead, if the schema has a member for that.
    pub(crate) fn is_lenient(&self, schema: &str, critical: &Critical<'_>) -> bool {
        self.optional && !self.flattened && !critical.is_critical(schema, &self.name)
    }
}

/// A bit for the position of each member that must be there.
pub(crate) fn required<'a>(members: impl Iterator<Item = &'a MemberOnWire>) -> u64 {
    members.enumerate().filter(|(_, member)| !member.optional).fold(0, |bits, (position, _)| bits | 1 << position)
}

/// What an attribute says to serde, or would under a feature.
fn serde_of(attribute: &Attribute) -> Option<MetaList> {
    let list = attribute.meta.require_list().ok()?;
    if list.path.is_ident("cfg_attr") {
        let arguments = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
        return arguments.into_iter().find_map(|meta| match meta {
            Meta::List(list) if list.path.is_ident("serde") => Some(list),
            _ => None,
        });
    }
    list.path.is_ident("serde").then(|| list.clone())
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
            member.filter(|member| !member.flattened).map_or(usize::MAX, |member| order.position(&schema, &member.name))
        });
        fields.named = members.into_iter().collect();
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
