//! Passes over the mocks.

use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, File, Item, Path, parse_quote};

/// Points paths that begin with `crate` at the crate of the client.
pub(super) fn api_crate_named(file: &mut File) -> usize {
    struct Pass(usize);
    impl VisitMut for Pass {
        fn visit_path_mut(&mut self, path: &mut Path) {
            if path.segments.first().is_some_and(|segment| segment.ident == "crate") {
                let rest = path.segments.iter().skip(1);
                *path = parse_quote!(::partner_center_orders_api::#(#rest)::*);
                self.0 += 1;
            }
            visit_mut::visit_path_mut(self, path);
        }
    }
    let mut pass = Pass(0);
    pass.visit_file_mut(file);
    pass.0
}

/// Seals the trait of the mocks: its methods grow with the contract.
pub(super) fn mocks_sealed(file: &mut File) -> usize {
    let mut changed = 0;
    for item in &mut file.items {
        if let Item::Trait(item) = item
            && item.ident == "MockServerExt"
        {
            item.colon_token = Some(syn::token::Colon::default());
            item.supertraits.push(parse_quote!(sealed::Sealed));
            changed += 1;
        }
    }
    if changed > 0 {
        file.items.push(parse_quote! {
            mod sealed {
                /// Implemented here and nowhere else.
                pub trait Sealed {}
                impl Sealed for ::httpmock::MockServer {}
            }
        });
    }
    changed
}

/// Escapes the values that go into the regular expression of a path.
pub(super) fn path_values_escaped(file: &mut File) -> usize {
    struct Pass(usize);
    impl VisitMut for Pass {
        fn visit_expr_call_mut(&mut self, call: &mut syn::ExprCall) {
            if call.func.to_token_stream().to_string().replace(' ', "").ends_with("Regex::new") {
                let mut inner = Values(0);
                for argument in &mut call.args {
                    inner.visit_expr_mut(argument);
                }
                self.0 += inner.0;
            }
            visit_mut::visit_expr_call_mut(self, call);
        }
    }
    struct Values(usize);
    impl VisitMut for Values {
        fn visit_macro_mut(&mut self, call: &mut syn::Macro) {
            let Ok(arguments) =
                call.parse_body_with(syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated)
            else {
                return;
            };
            let escaped = arguments.iter().map(|argument| -> Expr {
                if argument.to_token_stream().to_string().replace(' ', "") == "value.to_string()" {
                    self.0 += 1;
                    parse_quote!(::regex::escape(
                        &::partner_center_orders_api::runtime::encode_path(&value.to_string()).unwrap_or_default()
                    ))
                } else {
                    argument.clone()
                }
            });
            let escaped: Vec<Expr> = escaped.collect();
            call.tokens = quote::quote!(#(#escaped),*);
        }
    }
    let mut pass = Pass(0);
    pass.visit_file_mut(file);
    pass.0
}

/// Lets a mocked download respond with bytes: progenitor has it respond with a JSON value.
pub(super) fn downloads_are_bytes(file: &mut File) -> usize {
    struct Pass(usize);
    impl VisitMut for Pass {
        fn visit_impl_item_fn_mut(&mut self, function: &mut syn::ImplItemFn) {
            let takes_any_json = function.sig.inputs.iter().any(|input| {
                matches!(input, syn::FnArg::Typed(typed)
                    if typed.ty.to_token_stream().to_string().replace(' ', "") == "::serde_json::Value")
            });
            if takes_any_json && function.sig.ident == "success" {
                *function = parse_quote! {
                    /// Responds with that status and these bytes.
                    pub fn success(self, status: u16, value: impl AsRef<[u8]>) -> Self {
                        assert_eq!(status / 100u16, 2u16);
                        Self(self.0.status(status).header("content-type", "application/octet-stream").body(value))
                    }
                };
                self.0 += 1;
            }
        }
    }
    let mut pass = Pass(0);
    pass.visit_file_mut(file);
    pass.0
}

#[cfg(test)]
mod tests {
    use super::super::after;
    use super::*;

    #[test]
    fn a_value_is_escaped_before_it_joins_the_expression() {
        let code = r#"fn f() { let re = regex::Regex::new(&format!("^/a/{}$", value.to_string())).unwrap(); }"#;
        assert!(after(path_values_escaped, code).contains("::regex::escape"));
    }

    #[test]
    fn the_trait_of_the_mocks_is_sealed() {
        let polished = after(mocks_sealed, "pub trait MockServerExt { fn get_order(&self); }");
        assert!(polished.contains("pub trait MockServerExt: sealed::Sealed"), "{polished}");
        assert!(polished.contains("impl Sealed for ::httpmock::MockServer"), "{polished}");
    }

    #[test]
    fn types_are_looked_up_in_the_api_crate() {
        let polished = after(api_crate_named, "fn f(a: crate::enums::OrderStatus) {}");
        assert!(polished.contains("::partner_center_orders_api::enums::OrderStatus"), "{polished}");
    }

    #[test]
    fn a_download_responds_with_any_bytes() {
        let code = r"impl DownloadThen {
            pub fn success(self, status: u16, value: ::serde_json::Value) -> Self { Self(self.0.json_body(value)) }
        }";
        let polished = after(downloads_are_bytes, code);
        assert!(polished.contains("value: impl AsRef<[u8]>") && polished.contains(".body(value)"), "{polished}");
        assert!(!polished.contains("json"), "{polished}");
    }
}
