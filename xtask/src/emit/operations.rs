//! The `Operation` enum: the contract's table of operations, for policies, mocks and traffic matching to ask.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use crate::lower;

/// One row of the table.
pub struct OperationRow {
    /// `operationId`, in `snake_case`.
    pub id: String,
    /// The HTTP method, upper case.
    pub method: String,
    /// The path template, as in the contract.
    pub path: String,
    /// The first tag.
    pub tag: String,
    /// What the operation does, one line.
    pub summary: String,
    /// `x-retry`.
    pub retry: String,
    /// `x-auth`.
    pub sign_in: Vec<String>,
    /// Whether the success is anything but JSON.
    pub streams: bool,
}

/// The operations in the order of their paths.
pub fn rows(contract: &Value) -> Vec<OperationRow> {
    let mut rows = Vec::new();
    let mut document = contract.clone();
    lower::each_operation(&mut document, |path, method, operation| {
        let text = |key: &str| operation.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let texts = |key: &str| -> Vec<String> {
            operation
                .get(key)
                .and_then(Value::as_array)
                .map(|list| list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
                .unwrap_or_default()
        };
        let streams = operation.get("responses").and_then(Value::as_object).is_some_and(|responses| {
            responses
                .iter()
                .filter(|(status, _)| status.starts_with('2'))
                .filter_map(|(_, response)| lower::resolve(contract, response).get("content")?.as_object())
                .any(|content| !content.contains_key("application/json"))
        });
        rows.push(OperationRow {
            id: text("operationId"),
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            tag: texts("tags").into_iter().next().unwrap_or_default(),
            summary: text("summary"),
            retry: text("x-retry"),
            sign_in: texts("x-auth"),
            streams,
        });
    });
    rows
}

/// `list_orders` -> `ListOrders`; `idempotent-write` -> `IdempotentWrite`.
pub fn pascal_case(name: &str) -> String {
    name.split(['_', '-'])
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
        })
        .collect()
}

/// The file `operation.rs`.
pub fn operation_enum(contract: &Value) -> TokenStream {
    let rows = rows(contract);
    let variant = |row: &OperationRow| format_ident!("{}", pascal_case(&row.id));
    let variants: Vec<_> = rows.iter().map(&variant).collect();
    let docs = rows.iter().map(|row| format!(" {} `{} {}`", sentence(&row.summary), row.method, row.path));
    let ids: Vec<_> = rows.iter().map(|row| row.id.as_str()).collect();
    let methods = rows.iter().map(|row| format_ident!("{}", row.method));
    let paths = rows.iter().map(|row| row.path.as_str());
    let tags = rows.iter().map(|row| row.tag.as_str());
    let answers = rows.iter().map(|row| if row.streams { quote!(Stream) } else { quote!(Json) });
    let retries = rows.iter().map(|row| format_ident!("{}", pascal_case(&row.retry)));
    let app_only = rows.iter().map(|row| row.sign_in.iter().any(|kind| kind == "app"));

    quote! {
        use crate::runtime::BodyKind;

        /// What may be done again when no final answer came (`x-retry` of the contract).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum RetryClass {
            /// Changes nothing: may be repeated freely.
            Read,
            /// Repeating it has no second effect, whatever its request id: the cart's PUT and checkout.
            IdempotentWrite,
            /// Repeating it is safe under the same `MS-RequestId` only.
            KeyedWrite,
            /// Never repeated.
            Once,
        }

        /// One operation of the contract.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Operation {
            #(
                #[doc = #docs]
                #variants,
            )*
            /// Nobody has this one. It keeps operations from being cast to numbers, which change as the contract grows.
            Nobody(::std::convert::Infallible),
        }

        impl Operation {
            /// Every operation, in the order of the contract's paths.
            pub const ALL: &'static [Self] = &[#(Self::#variants),*];

            /// The contract's `operationId`, in `snake_case`.
            pub const fn id(self) -> &'static str {
                match self {
                    #(Self::#variants => #ids,)*
                }
            }

            /// The HTTP method.
            pub const fn method(self) -> ::http::Method {
                match self {
                    #(Self::#variants => ::http::Method::#methods,)*
                }
            }

            /// The path below the base URL, with parameters in braces.
            pub const fn path_template(self) -> &'static str {
                match self {
                    #(Self::#variants => #paths,)*
                }
            }

            /// The group of the operation.
            pub const fn tag(self) -> &'static str {
                match self {
                    #(Self::#variants => #tags,)*
                }
            }

            /// What a success holds.
            pub const fn body_kind(self) -> BodyKind {
                match self {
                    #(Self::#variants => BodyKind::#answers,)*
                }
            }

            /// What may be done again when no final answer came.
            pub const fn retry_class(self) -> RetryClass {
                match self {
                    #(Self::#variants => RetryClass::#retries,)*
                }
            }

            /// Whether the operation takes a token of an app alone; all take one of app and user.
            pub const fn takes_app_only(self) -> bool {
                match self {
                    #(Self::#variants => #app_only,)*
                }
            }
        }

        impl ::std::fmt::Display for Operation {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.id())
            }
        }

        impl ::std::str::FromStr for Operation {
            type Err = UnknownOperation;

            fn from_str(id: &str) -> ::std::result::Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|operation| operation.id() == id).ok_or(UnknownOperation(()))
            }
        }

        /// The text is no `operationId` of the contract.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ::thiserror::Error)]
        #[error("no operation of the contract has this id")]
        pub struct UnknownOperation(());
    }
}

/// The text with a full stop at its end.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}
