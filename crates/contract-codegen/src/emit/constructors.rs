//! How values are built: what must be there is an argument of `new`, everything else has a setter that can't fail.

use contract::forms::inside;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, Type, parse_quote};

use crate::model::{Extra, Member, Struct, Types};

/// The constructor and the setters of every struct.
pub fn implementations(types: &Types) -> Vec<Item> {
    types.structs.iter().map(|item| implementation(types, item)).collect()
}

fn implementation(types: &Types, item: &Struct) -> Item {
    let name = &item.ident;
    let new = constructor(types, item);
    let setters = item.members.iter().filter(|member| member.is_optional()).map(|member| setter(types, member));
    let extra = item.extra.iter().map(|Extra { ident, kind }| {
        quote! {
            /// Sets the members that the contract does not know, which are written along with the others.
            pub fn #ident(mut self, #ident: impl Into<#kind>) -> Self {
                self.#ident = #ident.into();
                self
            }
        }
    });
    let slices = item.members.iter().filter_map(slice);
    parse_quote!(impl #name { #new #(#setters)* #(#extra)* #(#slices)* })
}

/// `new`, with the required members in the order of the contract's list of them.
fn constructor(types: &Types, item: &Struct) -> TokenStream {
    let mut required: Vec<&Member> = item.members.iter().filter(|member| !member.is_optional()).collect();
    required.sort_by_key(|member| member.required.unwrap_or(usize::MAX));
    if required.is_empty() {
        return quote! {
            /// Creates a value without members.
            pub fn new() -> Self {
                Self::default()
            }
        };
    }
    let described = required.iter().flat_map(|member| {
        let text = format!(" - `{}`: ", member.ident);
        let mut lines = member.docs.iter().flat_map(|docs| docs.trim().lines());
        let first = (text + lines.next().unwrap_or_default()).trim_end().to_owned();
        std::iter::once(first).chain(lines.map(|line| format!("   {line}"))).collect::<Vec<_>>()
    });
    let arguments = required.iter().map(|Member { ident, kind, .. }| {
        let taken = taken(types, kind);
        quote!(#ident: #taken)
    });
    let values = required.iter().map(|member| {
        let ident = &member.ident;
        let value = given(types, member, &member.kind);
        if *ident == value.to_string() { quote!(#ident) } else { quote!(#ident: #value) }
    });
    let others = (required.len() < item.members.len() || item.extra.is_some())
        .then(|| quote!(..crate::runtime::Payload::empty()));
    quote! {
        /// Creates a value with the members that must be there:
        ///
        #(#[doc = #described])*
        pub fn new(#(#arguments),*) -> Self {
            Self { #(#values,)* #others }
        }
    }
}

fn setter(types: &Types, member: &Member) -> TokenStream {
    let Member { ident, kind, docs, .. } = member;
    let kind = inside(kind, "Option").unwrap_or(kind);
    let (taken, value) = (taken(types, kind), given(types, member, kind));
    let docs = docs.iter();
    // A field keeps the name of its member; a function of that name is the constructor.
    let name = if ident == "new" { quote::format_ident!("new_") } else { ident.clone() };
    quote! {
        #(#[doc = #docs])*
        pub fn #name(mut self, #ident: #taken) -> Self {
            self.#ident = Some(#value);
            self
        }
    }
}

/// The elements of an optional array.
fn slice(member: &Member) -> Option<TokenStream> {
    let ident = &member.ident;
    let element = inside(inside(&member.kind, "Option")?, "Vec")?;
    let name = quote::format_ident!("{}_or_empty", ident);
    let docs = format!(" The elements of `{ident}`: none where it is absent or empty.");
    Some(quote! {
        #[doc = #docs]
        pub fn #name(&self) -> &[#element] {
            self.#ident.as_deref().unwrap_or_default()
        }
    })
}

/// The type of an argument for a value.
fn taken(types: &Types, kind: &Type) -> TokenStream {
    match inside(kind, "Vec") {
        Some(element) if is_plain(element) => quote!(impl IntoIterator<Item = #element>),
        Some(element) => quote!(impl IntoIterator<Item = impl Into<#element>>),
        None if is_plain(kind) || types.is_struct(kind) => quote!(#kind),
        None => quote!(impl Into<#kind>),
    }
}

/// The value that the argument makes.
fn given(types: &Types, member: &Member, kind: &Type) -> TokenStream {
    let ident = &member.ident;
    match inside(kind, "Vec") {
        Some(element) if is_plain(element) => quote!(#ident.into_iter().collect()),
        Some(_) => quote!(#ident.into_iter().map(Into::into).collect()),
        None if is_plain(kind) || types.is_struct(kind) => quote!(#ident),
        None => quote!(#ident.into()),
    }
}

/// Whether it is a number or a boolean, which literals give by themselves.
fn is_plain(kind: &Type) -> bool {
    const PLAIN: [&str; 11] = ["bool", "f32", "f64", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"];
    matches!(kind, Type::Path(path) if PLAIN.iter().any(|name| path.path.is_ident(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::of_test;

    const TYPES: &str = "pub mod types {
        pub struct Line {
            /// What is bought.
            pub item: String,
            pub quantity: i32,
            pub add_ons: Option<Vec<Line>>,
            pub numbers: Option<Vec<i64>>,
            pub moon: Option<Moon>,
            pub new: Option<bool>,
            /// How long.
            pub term: Option<String>,
            #[serde(flatten)]
            pub extra: ::serde_json::Map<String, Value>,
        }
        pub struct Moon { pub phase: Option<crate::enums::Phase> }
    }";
    const SCHEMAS: &str = "{
        Line: { required: [quantity, item], properties: {
            item: {}, quantity: {}, addOns: {}, numbers: {}, moon: {}, new: {}, term: {} } },
        Moon: { properties: { phase: {} } },
    }";

    fn code() -> String {
        let (_, types) = of_test(TYPES, SCHEMAS);
        let items = implementations(&types);
        prettyplease::unparse(&syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items })
    }

    #[test]
    fn required_members_are_arguments_in_the_order_of_the_contract() {
        let code = code();
        let new = "pub fn new(quantity: i32, item: impl Into<String>) -> Self";
        assert!(code.contains(new), "{code}");
        assert!(code.contains("/// - `quantity`:\n    /// - `item`: What is bought.\n"), "{code}");
    }

    #[test]
    fn where_nothing_is_required_the_constructor_takes_nothing() {
        let code = code();
        assert!(code.contains("pub fn new() -> Self {\n        Self::default()"), "{code}");
    }

    #[test]
    fn a_setter_takes_what_becomes_the_member() {
        let code = code();
        assert!(code.contains("/// How long.\n    pub fn term(mut self, term: impl Into<String>)"), "{code}");
        assert!(code.contains("add_ons: impl IntoIterator<Item = impl Into<Line>>"), "{code}");
        assert!(code.contains("numbers: impl IntoIterator<Item = i64>"), "{code}");
        assert!(code.contains("pub fn moon(mut self, moon: Moon)"), "{code}");
        assert!(code.contains("phase: impl Into<crate::enums::Phase>"), "{code}");
        assert!(code.contains("pub fn extra(mut self, extra: impl Into<::serde_json::Map<String, Value>>)"), "{code}");
    }

    #[test]
    fn a_member_called_new_gives_way_to_the_constructor() {
        assert!(code().contains("pub fn new_(mut self, new: bool)"));
    }

    #[test]
    fn an_optional_array_reads_as_a_slice() {
        let code = code();
        assert!(code.contains("pub fn add_ons_or_empty(&self) -> &[Line]"), "{code}");
    }
}
