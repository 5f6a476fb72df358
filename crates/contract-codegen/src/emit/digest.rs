//! Which contract the generated crate was made from.

use std::fmt::Write as _;

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The SHA-256 digest of a contract, in hexadecimal digits.
///
/// Comments, layout and the order of keys don't count: it is taken from the contract as JSON without blanks, its keys in
/// alphabetical order.
pub fn digest(contract: &Value) -> String {
    let mut text = String::new();
    write_sorted(contract, &mut text);
    let mut digits = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a string can't fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// Whether `serde_json` sorts keys itself depends on features that other crates choose.
fn write_sorted(value: &Value, out: &mut String) {
    match value {
        Value::Object(entries) => {
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_unstable_by_key(|(key, _)| *key);
            for (index, (key, value)) in sorted.into_iter().enumerate() {
                out.push(if index == 0 { '{' } else { ',' });
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_sorted(value, out);
            }
            out.push_str(if entries.is_empty() { "{}" } else { "}" });
        }
        Value::Array(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_sorted(element, out);
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

/// The file `contract.rs`.
pub fn contract_constant(contract: &Value) -> TokenStream {
    let version = contract.pointer("/info/version").and_then(Value::as_str).unwrap_or_default();
    let digest = digest(contract);
    quote! {
        /// The contract that this crate was generated from.
        pub const CONTRACT: Contract = Contract { version: #version, digest: #digest };

        /// Which contract a crate was generated from.
        ///
        /// ```
        /// use partner_center_orders_api::CONTRACT;
        ///
        /// assert_eq!(CONTRACT.digest.len(), 64);
        /// assert!(CONTRACT.to_string().starts_with(CONTRACT.version));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub struct Contract {
            /// The version that the contract gives itself.
            pub version: &'static str,
            /// The SHA-256 digest of the contract's content, in hexadecimal digits: comments, layout and the order of
            /// keys don't count.
            pub digest: &'static str,
        }

        impl Contract {
            /// The digest's first twelve digits, which distinguish contracts where there is little space.
            pub fn short_digest(&self) -> &'static str {
                self.digest.get(..12).unwrap_or(self.digest)
            }
        }

        impl ::std::fmt::Display for Contract {
            /// Version and short digest, as `0.1.0+0123456789ab`: suitable for a header such as `User-Agent`.
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, "{}+{}", self.version, self.short_digest())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use contract::load;
    use serde_json::json;

    use super::*;

    #[test]
    fn layout_and_order_of_keys_leave_the_digest_alone() {
        let json_of = |text: &str| load::parse("contract.yaml", text).unwrap().to_json();
        let one = json_of("a: 1\nb: {c: x, d: y}\n");
        let other = json_of("# a comment\nb:\n  d: 'y'\n  c: \"x\"\na: 1\n");
        assert_eq!(digest(&one), digest(&other));
        assert_ne!(digest(&one), digest(&json!({ "a": 2 })));
    }

    #[test]
    fn the_digest_is_sha_256() {
        assert_eq!(digest(&json!({})), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }

    #[test]
    fn what_is_digested_is_json_without_blanks() {
        let value = json!({ "b": [1, { "y": null, "x": [] }], "a": "\"", "c": {} });
        let mut text = String::new();
        write_sorted(&value, &mut text);
        assert_eq!(text, r#"{"a":"\"","b":[1,{"x":[],"y":null}],"c":{}}"#);
    }

    #[test]
    fn the_constant_names_version_and_digest() {
        let contract = json!({ "info": { "version": "1.2.3" } });
        let code = contract_constant(&contract).to_string();
        assert!(code.contains("\"1.2.3\"") && code.contains(&digest(&contract)), "{code}");
    }
}
