//! Passes over progenitor's output, each one function with one reason.
//!
//! They work on the syntax tree and print with prettyplease, so that the output depends on neither rustfmt nor a nightly compiler.

mod doc_code;
mod docs;
mod mocks;
mod types;

pub use types::serde_only_for_schemas;

use proc_macro2::{Group, TokenStream, TokenTree};
use syn::{File, Item};

pub use self::types::without_unused_error;

/// A pass over one generated file.
pub struct Pass {
    /// The name that errors show.
    pub name: &'static str,
    /// Why progenitor's output can't stay as it is.
    pub why: &'static str,
    apply: fn(&mut File) -> usize,
}

/// The passes over the client's types, in the order in which they run.
pub const TYPE_PASSES: &[Pass] = &[
    Pass {
        name: "prelude_names",
        why: "the whole path of what every Rust program has by its name makes three lines of one",
        apply: types::prelude_names,
    },
    Pass {
        name: "emitted_traits_off",
        why: "serde's derive buffers a struct with a flattened map and rejects duplicate members, and a derived `Debug` shows secrets and absent members; what is emitted does neither",
        apply: types::emitted_traits_off,
    },
    Pass {
        name: "defaults_derived",
        why: "what demands nothing is built from nothing",
        apply: types::defaults_derived,
    },
    Pass {
        name: "undocumented_items_described",
        why: "every public item is documented",
        apply: docs::describe_undocumented,
    },
    Pass {
        name: "unknown_members_as_text",
        why: "a parsed map costs an allocation for each member, and loses the spelling of numbers and members that come twice",
        apply: types::unknown_members_as_text,
    },
    Pass {
        name: "non_exhaustive",
        why: "a new optional member must not break those who build or match",
        apply: types::non_exhaustive,
    },
    Pass {
        name: "schemars_by_feature",
        why: "schemas are derived only for those who ask",
        apply: types::schemars_by_feature,
    },
];

/// The passes over the mocks.
pub const MOCK_PASSES: &[Pass] = &[
    Pass {
        name: "api_crate_named",
        why: "the mocks are in another crate than the types that they name",
        apply: mocks::api_crate_named,
    },
    Pass {
        name: "path_values_escaped",
        why: "progenitor puts ids into a regular expression as they are; `a.b+c` would match other ids",
        apply: mocks::path_values_escaped,
    },
    Pass {
        name: "mocks_sealed",
        why: "a new operation is a new method, which no other crate may have to implement",
        apply: mocks::mocks_sealed,
    },
    Pass {
        name: "downloads_are_bytes",
        why: "progenitor mocks a byte stream by a JSON value, which an attachment is not",
        apply: mocks::downloads_are_bytes,
    },
    Pass {
        name: "undocumented_items_described",
        why: "every public item is documented",
        apply: docs::describe_undocumented,
    },
];

/// A pass failed.
#[derive(Debug, thiserror::Error)]
pub enum PolishError {
    /// The output isn't Rust.
    #[error("progenitor's output can't be read as Rust: {0}")]
    NotRust(#[from] syn::Error),
    /// The client holds no types.
    #[error("progenitor's output has no module `types`")]
    NoTypes,
    /// There was nothing to do.
    #[error("polish pass `{name}` no longer applies to anything in progenitor's output; take it out ({why})")]
    NeverApplied {
        /// The pass.
        name: &'static str,
        /// What it was for.
        why: &'static str,
    },
}

/// Applies the passes.
///
/// # Errors
/// When the tokens are no Rust file, or a pass finds nothing to do.
pub fn polish(tokens: TokenStream, passes: &[Pass]) -> Result<File, PolishError> {
    let mut file = parse(tokens)?;
    for Pass { name, why, apply } in passes {
        if apply(&mut file) == 0 {
            return Err(PolishError::NeverApplied { name, why });
        }
    }
    Ok(file)
}

/// Reads tokens as a file.
///
/// # Errors
/// When they are no Rust file.
pub fn parse(tokens: TokenStream) -> Result<File, PolishError> {
    Ok(syn::parse2(tokens)?)
}

/// The tokens without what the module `types` holds: most of them.
pub fn without_types(tokens: TokenStream) -> TokenStream {
    let mut out: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let holds_types = is_types(&out);
        out.push(match token {
            TokenTree::Group(group) if holds_types => Group::new(group.delimiter(), TokenStream::new()).into(),
            other => other,
        });
    }
    out.into_iter().collect()
}

/// The module `types` alone: the other part.
pub fn only_types(tokens: TokenStream) -> TokenStream {
    let mut before: Vec<TokenTree> = Vec::new();
    for token in tokens {
        if is_types(&before) && matches!(token, TokenTree::Group(_)) {
            let mut module = before.split_off(start_of_item(&before));
            module.push(token);
            return module.into_iter().collect();
        }
        before.push(token);
    }
    TokenStream::new()
}

/// Whether the content of the module `types` comes next.
fn is_types(before: &[TokenTree]) -> bool {
    matches!(before, [.., TokenTree::Ident(keyword), TokenTree::Ident(name)] if keyword == "mod" && name == "types")
}

/// Where the attributes of the item begin that ends in `pub mod types`.
fn start_of_item(tokens: &[TokenTree]) -> usize {
    let mut item = tokens;
    while let [rest @ .., TokenTree::Ident(_)] = item {
        item = rest;
    }
    while let [rest @ .., TokenTree::Punct(sign), TokenTree::Group(_)] = item
        && sign.as_char() == '#'
    {
        item = rest;
    }
    item.len()
}

/// What is before the module `types`, and what is after it.
///
/// # Errors
/// When there is no such module.
pub fn around_types(mut file: File) -> Result<[File; 2], PolishError> {
    let is_types = |item: &Item| matches!(item, Item::Mod(module) if module.ident == "types");
    let position = file.items.iter().position(is_types).ok_or(PolishError::NoTypes)?;
    let after = file.items.split_off(position + 1);
    file.items.truncate(position);
    Ok([file, File { shebang: None, frontmatter: None, attrs: Vec::new(), items: after }])
}

/// Prints a file, in whose documentation are texts of the contract: none of them becomes code that runs.
pub fn unparse(file: &File) -> String {
    doc_code::marked_as_text(&prettyplease::unparse(file))
}

/// Prints a file that needs no pass.
///
/// # Errors
/// When the tokens are no Rust file.
pub fn print(tokens: TokenStream) -> Result<String, PolishError> {
    Ok(unparse(&parse(tokens)?))
}

/// Prints a file whose documentation has examples that run, and no text of the contract.
///
/// # Errors
/// When the tokens are no Rust file.
pub fn print_with_examples(tokens: TokenStream) -> Result<String, PolishError> {
    Ok(prettyplease::unparse(&parse(tokens)?))
}

/// What a pass makes of this code, for tests. It must find something to do.
#[cfg(test)]
fn after(pass: fn(&mut File) -> usize, code: &str) -> String {
    let mut file = syn::parse_str(code).expect("the code of a test is Rust");
    assert!(pass(&mut file) > 0, "the pass found nothing to do");
    prettyplease::unparse(&file)
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn only_the_types_are_left_out() {
        let tokens = quote!(
            pub mod types {
                pub struct A;
            }
            pub mod builder {
                pub struct B;
            }
        );
        let expected = quote!(
            pub mod types {}
            pub mod builder {
                pub struct B;
            }
        );
        assert_eq!(without_types(tokens).to_string(), expected.to_string());
    }

    #[test]
    fn both_parts_together_are_the_whole() {
        let tokens = quote!(
            use super::C;
            /// What travels.
            #[allow(clippy::all)]
            pub mod types {
                /// One.
                pub struct A {
                    pub a: String,
                }
            }
            pub struct B;
        );
        let whole = print(tokens.clone()).unwrap();
        let rest = syn::parse2(without_types(tokens.clone())).unwrap();
        let [before, after] = around_types(rest).unwrap().map(|part| prettyplease::unparse(&part));
        assert_eq!([before, print(only_types(tokens)).unwrap(), after].concat(), whole);
        let none = syn::parse_str("pub struct B;").unwrap();
        assert!(matches!(around_types(none), Err(PolishError::NoTypes)));
    }

    #[test]
    fn a_pass_has_to_find_something_to_do() {
        let passes = [
            Pass { name: "first", why: "", apply: |file| file.items.len() },
            Pass { name: "second", why: "", apply: |_| 0 },
        ];
        let tokens = quote!(
            struct A;
        );
        assert!(polish(tokens.clone(), &passes[..1]).is_ok());
        let idle = polish(tokens, &passes).unwrap_err().to_string();
        assert!(idle.contains("`second`"), "{idle}");
    }
}
