//! Passes over progenitor's output, each one function with one reason.
//!
//! They work on the syntax tree and print with prettyplease, so that the output depends on neither rustfmt nor a nightly compiler.

mod client;
pub mod deserialize;
mod docs;
mod mocks;
pub mod serialize;
mod types;

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;
use syn::File;

/// A pass over one generated file.
pub struct Pass {
    /// The name that errors show.
    pub name: &'static str,
    /// Why progenitor's output can't stay as it is.
    pub why: &'static str,
    apply: fn(&mut File) -> usize,
}

/// The passes over the client, in the order in which they run.
pub const CLIENT_PASSES: &[Pass] = &[
    Pass {
        name: "own_runtime",
        why: "errors must reach the caller typed and whole, which progenitor's own client crate can't do",
        apply: client::own_runtime,
    },
    Pass {
        name: "api_version_header_off",
        why: "progenitor sends `api-version` with every request; the service doesn't ask for it",
        apply: client::api_version_header_off,
    },
    Pass {
        name: "one_hook",
        why: "the transport sees request and response; hooks before and after it would duplicate that",
        apply: client::one_hook,
    },
    Pass {
        name: "errors_boxed",
        why: "a result that may hold a whole error response is moved with every success",
        apply: client::errors_boxed,
    },
    Pass {
        name: "operations_typed",
        why: "policies ask the operation for its retry class, which a name in a string doesn't have",
        apply: client::operations_typed,
    },
    Pass {
        name: "path_segments_checked",
        why: "an id of `.`, `..` or nothing would address another resource",
        apply: client::path_segments_checked,
    },
    Pass {
        name: "client_construction",
        why: "deadlines and redirects belong to the transport, and a constructor must not panic",
        apply: client::client_construction,
    },
    Pass { name: "prelude_off", why: "the crate's root is its prelude", apply: client::prelude_off },
    Pass {
        name: "plain_conversion_errors",
        why: "a message that quotes a type's tokens with blanks is hard to read",
        apply: client::plain_conversion_errors,
    },
    Pass {
        name: "examples_that_do_not_run_off",
        why: "an example marked `ignore` is not an example",
        apply: docs::ignored_examples_off,
    },
    Pass {
        name: "setters_described",
        why: "the documentation of a builder's setters belongs on the setters",
        apply: docs::setters_described,
    },
    Pass {
        name: "undocumented_items_described",
        why: "every public item is documented",
        apply: docs::describe_undocumented,
    },
    Pass {
        name: "unknown_members_optional",
        why: "a builder must not require the members that the contract doesn't know",
        apply: types::unknown_members_optional,
    },
    Pass {
        name: "optional_setters_take_values",
        why: "`Option<String>` can't be made from `&str`, so setters of optional members would take no literal",
        apply: types::optional_setters_take_values,
    },
    Pass {
        name: "unknown_members_as_text",
        why: "a parsed map costs an allocation for each member, and loses the spelling of numbers and members that come twice",
        apply: types::unknown_members_as_text,
    },
    Pass {
        name: "slice_accessors",
        why: "absent and empty collections stay different, and reading either should be easy",
        apply: types::slice_accessors,
    },
    Pass {
        name: "non_exhaustive",
        why: "a new optional member must not break those who build or match",
        apply: types::non_exhaustive,
    },
    Pass {
        name: "secrets_hidden",
        why: "anyone with a token or an activation link's address can use it, so no log may show it by `Debug`",
        apply: types::secrets_hidden,
    },
    Pass {
        name: "schemars_by_feature",
        why: "schemas are derived only for those who ask",
        apply: types::schemars_by_feature,
    },
];

/// The passes over the streaming variants.
pub const STREAM_PASSES: &[Pass] = &[
    Pass {
        name: "streaming_only",
        why: "the streaming variants are methods of the same client; its struct and types are in the client file",
        apply: client::streaming_only,
    },
    Pass { name: "own_runtime", why: "as for the client", apply: client::own_runtime },
    Pass { name: "api_version_header_off", why: "as for the client", apply: client::api_version_header_off },
    Pass { name: "one_hook", why: "as for the client", apply: client::one_hook },
    Pass { name: "errors_boxed", why: "as for the client", apply: client::errors_boxed },
    Pass {
        name: "json_accepted",
        why: "progenitor asks for no media type where the body is a stream; these streams are JSON",
        apply: client::json_accepted,
    },
    Pass { name: "streams_typed", why: "as for the client; the body is a stream", apply: client::streams_typed },
    Pass { name: "path_segments_checked", why: "as for the client", apply: client::path_segments_checked },
    Pass { name: "plain_conversion_errors", why: "as for the client", apply: client::plain_conversion_errors },
    Pass { name: "examples_that_do_not_run_off", why: "as for the client", apply: docs::ignored_examples_off },
    Pass {
        name: "streaming_described",
        why: "a reader must see that a variant streams, and which builder belongs to it",
        apply: docs::streaming_described,
    },
    Pass { name: "setters_described", why: "as for the client", apply: docs::setters_described },
    Pass { name: "undocumented_items_described", why: "as for the client", apply: docs::describe_undocumented },
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
    let part = polish_part(tokens, passes)?;
    all_applied(passes, &[part.applied])?;
    Ok(part.file)
}

/// A part of a file that was polished on its own, on its own thread.
pub struct Part {
    /// The part.
    pub file: File,
    /// How often each pass applied to it.
    pub applied: Vec<usize>,
}

/// As [`polish`], for a part of a file: [`all_applied`] returns whether the passes found something to do in all parts together.
///
/// # Errors
/// When the tokens are no Rust file.
pub fn polish_part(tokens: TokenStream, passes: &[Pass]) -> Result<Part, PolishError> {
    let mut file: File = syn::parse2(tokens)?;
    let applied = passes.iter().map(|pass| (pass.apply)(&mut file)).collect();
    Ok(Part { file, applied })
}

/// Holds the passes to have applied, in whichever part.
///
/// # Errors
/// When one of them found nothing to do.
pub fn all_applied(passes: &[Pass], parts: &[Vec<usize>]) -> Result<(), PolishError> {
    let idle =
        passes.iter().enumerate().find(|(position, _)| parts.iter().all(|applied| applied.get(*position) == Some(&0)));
    idle.map_or(Ok(()), |(_, pass)| Err(PolishError::NeverApplied { name: pass.name, why: pass.why }))
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

/// The module `types` alone, without its documentation: the other part.
pub fn only_types(tokens: TokenStream) -> TokenStream {
    let mut before: Vec<TokenTree> = Vec::new();
    for token in tokens {
        if is_types(&before) && matches!(token, TokenTree::Group(_)) {
            return [quote!(pub mod types), token.into()].into_iter().collect();
        }
        before.push(token);
    }
    TokenStream::new()
}

/// Whether the content of the module `types` comes next.
fn is_types(before: &[TokenTree]) -> bool {
    matches!(before, [.., TokenTree::Ident(keyword), TokenTree::Ident(name)] if keyword == "mod" && name == "types")
}

/// Puts the module `types`, as printed, into its position in the printed rest.
///
/// # Errors
/// When there is no such position.
pub fn with_types(rest: &str, types: &str) -> Result<String, PolishError> {
    let (before, after) = rest.split_once("pub mod types {}\n").ok_or(PolishError::NoTypes)?;
    Ok([before, types, after].concat())
}

/// Prints a file that needs no pass.
///
/// # Errors
/// When the tokens are no Rust file.
pub fn print(tokens: TokenStream) -> Result<String, PolishError> {
    Ok(prettyplease::unparse(&syn::parse2(tokens)?))
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
        let (rest, types) = (print(without_types(tokens.clone())).unwrap(), print(only_types(tokens)).unwrap());
        assert_eq!(with_types(&rest, &types).unwrap(), whole);
        assert!(matches!(with_types("pub struct B;\n", &types), Err(PolishError::NoTypes)));
    }

    #[test]
    fn a_pass_has_to_apply_to_one_of_the_parts() {
        let passes = [
            Pass { name: "first", why: "", apply: |file| file.items.len() },
            Pass { name: "second", why: "", apply: |_| 0 },
        ];
        let part = |tokens| polish_part(tokens, &passes).unwrap().applied;
        let parts = [
            part(quote!()),
            part(quote!(
                struct A;
            )),
        ];
        assert_eq!(parts, [[0, 0], [1, 0]]);
        assert!(all_applied(&passes[..1], &parts).is_ok());
        let idle = all_applied(&passes, &parts).unwrap_err().to_string();
        assert!(idle.contains("`second`"), "{idle}");
    }
}
