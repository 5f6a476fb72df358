//! Passes over documentation.

use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Fields, File, ItemStruct, Visibility, parse_quote};

use crate::types::doc_text;

fn is_documented(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| doc_text(attribute).is_some())
}

/// Gives a line to public functions, structs and fields that have none, from their names.
pub(super) fn describe_undocumented(file: &mut File) -> usize {
    #[derive(Default)]
    struct Pass {
        count: usize,
        /// The type whose functions are met.
        owner: String,
    }
    impl Pass {
        fn describe(&mut self, attributes: &mut Vec<Attribute>, text: &str) {
            if !is_documented(attributes) {
                let text = format!(" {text}");
                attributes.insert(0, parse_quote!(#[doc = #text]));
                self.count += 1;
            }
        }
    }
    impl VisitMut for Pass {
        fn visit_item_impl_mut(&mut self, block: &mut syn::ItemImpl) {
            self.owner = block.self_ty.to_token_stream().to_string();
            visit_mut::visit_item_impl_mut(self, block);
        }

        fn visit_impl_item_fn_mut(&mut self, function: &mut syn::ImplItemFn) {
            if matches!(function.vis, Visibility::Public(_)) {
                let text = match function.sig.ident.to_string().as_str() {
                    "into_inner" => {
                        "The underlying `httpmock` value, to go beyond what the contract allows.".to_owned()
                    }
                    name if self.owner.ends_with("When") => describe_when(name, &function.sig),
                    name if self.owner.ends_with("Then") => describe_then(name),
                    name => format!("Sets `{name}`."),
                };
                self.describe(&mut function.attrs, &text);
            }
            visit_mut::visit_impl_item_fn_mut(self, function);
        }

        fn visit_trait_item_fn_mut(&mut self, function: &mut syn::TraitItemFn) {
            let text = format!("Mocks the operation `{}`.", function.sig.ident);
            self.describe(&mut function.attrs, &text);
        }

        fn visit_item_struct_mut(&mut self, item: &mut ItemStruct) {
            if matches!(item.vis, Visibility::Public(_)) {
                let name = item.ident.to_string();
                let text = match (name.strip_suffix("When"), name.strip_suffix("Then")) {
                    (Some(operation), _) => {
                        format!("What a request to `{operation}` must hold for the mock to respond.")
                    }
                    (_, Some(operation)) => format!("The response of the mock of `{operation}`."),
                    _ => format!("Builder of `{name}`."),
                };
                self.describe(&mut item.attrs, &text);
            }
            if let Fields::Named(fields) = &mut item.fields {
                for field in &mut fields.named {
                    if matches!(field.vis, Visibility::Public(_))
                        && field.ident.as_ref().is_some_and(|name| name == "extra")
                    {
                        self.describe(&mut field.attrs, "Members that the contract does not know, as received.");
                    }
                }
            }
        }
    }
    let mut pass = Pass::default();
    pass.visit_file_mut(file);
    pass.count
}

/// Describes which requests a mock responds to.
fn describe_when(name: &str, signature: &syn::Signature) -> String {
    match name {
        "new" => "Any request to the operation.".to_owned(),
        "body" => "Only requests with exactly this body.".to_owned(),
        _ if signature.generics.where_clause.to_token_stream().to_string().contains("Option") => {
            format!("Only requests whose `{name}` is this; for `None`, only those that have none.")
        }
        _ => format!("Only requests whose `{name}` is this."),
    }
}

/// Describes the response of a mock.
fn describe_then(name: &str) -> String {
    match name {
        "new" => "A response that is still to be filled in.".to_owned(),
        "success" => "Responds with this value and this status; panics unless it is a 2xx.".to_owned(),
        "client_error" => "Responds with this fault and this status; panics unless it is a 4xx.".to_owned(),
        "server_error" => "Responds with this fault and this status; panics unless it is a 5xx.".to_owned(),
        _ => format!("Responds with `{name}`."),
    }
}

#[cfg(test)]
mod tests {
    use super::super::after;
    use super::*;

    #[test]
    fn a_mock_documents_its_request_and_its_response() {
        let code = "impl GetOrderWhen { pub fn order_id(self, value: &str) {}
                pub fn include_price<T>(self, value: T) where T: Into<Option<bool>> {} }
            impl GetOrderThen { pub fn success(self, status: u16) {} }";
        let polished = after(describe_undocumented, code);
        assert!(polished.contains("/// Only requests whose `order_id` is this.\n"), "{polished}");
        assert!(polished.contains("`include_price` is this; for `None`, only those that have none."), "{polished}");
        assert!(polished.contains("/// Responds with this value and this status"), "{polished}");
    }

    #[test]
    fn what_is_documented_is_left_alone() {
        let polished = after(describe_undocumented, "impl A { /** Mine. */ pub fn a() {} pub fn b() {} }");
        assert!(polished.contains("Mine.") && polished.contains("Sets `b`."), "{polished}");
        assert!(!polished.contains("Sets `a`."), "{polished}");
    }
}
