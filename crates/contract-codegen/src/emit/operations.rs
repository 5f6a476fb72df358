//! The `Operation` enum: the contract's table of operations, for policies, mocks and traffic matching to ask.

use contract::naming::pascal_case;
use contract::operations::{OperationRow, rows};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use super::text::sentence;

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
    let bodies = rows.iter().map(|row| if row.streams { quote!(Stream) } else { quote!(Json) });
    let retries = rows.iter().map(|row| format_ident!("{}", pascal_case(&row.retry)));
    let app_only = rows.iter().map(|row| row.sign_in.iter().any(|kind| kind == "app"));

    quote! {
        use crate::runtime::BodyKind;

        /// What may be repeated when no final response arrived (`x-retry` of the contract).
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
            /// Never constructed. It keeps operations from being cast to numbers, which change as the contract grows.
            Never(::std::convert::Infallible),
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
                    #(Self::#variants => BodyKind::#bodies,)*
                }
            }

            /// What may be repeated when no final response arrived.
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
