//! Open enums: a known value is a variant, an unknown one keeps what was received.

use contract::naming::variant_name;
use contract::schema::is_open_enum;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use super::text::sentence;

/// The file `enums.rs`: one enum per named component marked `x-extensible-enum`.
pub fn open_enums(contract: &Value) -> TokenStream {
    let enums = contract
        .pointer("/components/schemas")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(_, schema)| is_open_enum(schema))
        .map(|(name, schema)| open_enum(name, schema));
    quote! {
        use crate::open_enum::{OpenEnum, UnknownValue};

        #(#enums)*
    }
}

fn open_enum(name: &str, schema: &Value) -> TokenStream {
    let type_name = name;
    let name = format_ident!("{name}");
    let values: Vec<&str> =
        schema.get("enum").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let variants: Vec<_> = values.iter().map(|value| format_ident!("{}", variant_name(value))).collect();
    // Any of them will do, as long as the order of the list doesn't matter.
    let empty = variants.iter().min().map_or_else(|| quote!(Self::from_text("")), |first| quote!(Self::#first));
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let docs = format!(" {}", sentence(description));
    let variant_docs = values.iter().map(|value| format!(" `{value}`"));
    quote! {
        #[doc = #docs]
        ///
        /// Open: a value that the contract does not know is [`Other`](Self::Other). Known values are read in any letter
        /// case and written in the contract's spelling.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum #name {
            #(
                #[doc = #variant_docs]
                #variants,
            )*
            /// A value that the contract does not know, as received.
            Other(UnknownValue),
        }

        impl #name {
            /// Every value that the contract knows.
            pub const ALL: &'static [Self] = &[#(Self::#variants),*];

            /// The value on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#variants => #values,)*
                    Self::Other(value) => value.as_str(),
                }
            }
        }

        impl OpenEnum for #name {
            const NAME: &'static str = #type_name;
            const VALUES: &'static [&'static str] = &[#(#values),*];

            fn known(value: &str) -> Option<Self> {
                match value {
                    #(#values => Some(Self::#variants),)*
                    _ => Self::ALL.iter().find(|known| known.as_str().eq_ignore_ascii_case(value)).cloned(),
                }
            }

            fn other(value: UnknownValue) -> Self {
                Self::Other(value)
            }
        }

        impl ::std::fmt::Display for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl From<&str> for #name {
            fn from(value: &str) -> Self {
                Self::from_text(value)
            }
        }

        impl From<String> for #name {
            fn from(value: String) -> Self {
                Self::from_text(&value)
            }
        }

        impl ::std::str::FromStr for #name {
            type Err = ::std::convert::Infallible;

            fn from_str(value: &str) -> ::std::result::Result<Self, Self::Err> {
                Ok(Self::from_text(value))
            }
        }

        impl ::serde::Serialize for #name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                match self {
                    Self::Other(value) => value.serialize(serializer),
                    known => serializer.serialize_str(known.as_str()),
                }
            }
        }

        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                crate::open_enum::deserialize(deserializer)
            }
        }

        impl crate::runtime::Payload for #name {
            fn empty() -> Self {
                #empty
            }

            fn fill(
                &mut self,
                reader: &mut crate::runtime::Reader<'_>,
            ) -> ::std::result::Result<(), crate::runtime::Rejected> {
                *self = reader.text(Self::from_text)?;
                Ok(())
            }
        }

        #[cfg(feature = "schemars")]
        impl ::schemars::JsonSchema for #name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                Self::NAME.into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                crate::open_enum::json_schema::<Self>()
            }
        }
    }
}
