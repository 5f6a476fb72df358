//! The responses of mocks of operations whose successes have several forms: progenitor mocks the one with a body.

use contract::naming::pascal_case;
use contract::operations::{operation_id, operations};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;
use syn::{File, FnArg, ImplItem, ImplItemFn, Item, ItemImpl, Type, parse_quote};

use super::calls::is;
use crate::lower;

/// Adds a response for each form that progenitor doesn't know.
pub fn add_forms(lowered: &Value, mocks: &mut File) {
    for (_, _, operation) in operations(lowered) {
        let name = format!("{}Then", pascal_case(&operation_id(operation)));
        let Some(then) = implementation(mocks, &name) else { continue };
        if lower::may_be_accepted(operation) {
            let method = accepted(then);
            then.items.push(ImplItem::Fn(method));
        }
        if lower::body_is_optional(operation) {
            then.items.push(ImplItem::Fn(without_body()));
        }
    }
}

/// The methods of the response of a mock.
fn implementation<'a>(mocks: &'a mut File, name: &str) -> Option<&'a mut ItemImpl> {
    let operations = mocks.items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == "operations" => module.content.as_mut(),
        _ => None,
    });
    operations?.1.iter_mut().find_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() && is(&block.self_ty, name) => Some(block),
        _ => None,
    })
}

/// What `success` takes as a body, next to the status.
fn body(then: &ItemImpl) -> Option<Type> {
    let success = then.items.iter().find_map(|item| match item {
        ImplItem::Fn(function) if function.sig.ident == "success" => Some(function),
        _ => None,
    });
    success?.sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(argument) if matches!(*argument.ty, Type::Reference(_)) => Some((*argument.ty).clone()),
        _ => None,
    })
}

fn accepted(then: &ItemImpl) -> ImplItemFn {
    let body = body(then);
    let about = match &body {
        Some(_) => " Responds with 202 (Accepted), with this `Location` and this body where there are any.",
        None => " Responds with 202 (Accepted), with this `Location` if there is one.",
    };
    let value: Option<TokenStream> = body.as_ref().map(|body| quote!(, value: Option<#body>));
    let with_value = body.map(|_| {
        quote! {
            if let Some(value) = value {
                then = then.header("content-type", "application/json").json_body_obj(value);
            }
        }
    });
    parse_quote! {
        #[doc = #about]
        pub fn accepted(self, location: Option<&str> #value) -> Self {
            let mut then = self.0.status(202u16);
            if let Some(location) = location {
                then = then.header("location", location);
            }
            #with_value
            Self(then)
        }
    }
}

fn without_body() -> ImplItemFn {
    parse_quote! {
        /// Responds with this status and no body; panics unless it is a 2xx.
        pub fn success_without_body(self, status: u16) -> Self {
            assert_eq!(status / 100u16, 2u16);
            Self(self.0.status(status))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The mock of an operation whose success has these marks.
    fn printed(marks: &[&str], success: &str) -> String {
        let mut document =
            json!({ "paths": { "/a": { "patch": { "operationId": "do_it", "responses": { "2XX": {} } } } } });
        for mark in marks {
            document["paths"]["/a"]["patch"]["responses"]["2XX"][mark] = json!(true);
        }
        let code = format!("pub mod operations {{ pub struct DoItThen(T); impl DoItThen {{ {success} }} }}");
        let mut mocks = syn::parse_str(&code).unwrap();
        add_forms(&document, &mut mocks);
        prettyplease::unparse(&mocks).replace(char::is_whitespace, "")
    }

    const WITH_BODY: &str = "pub fn success(self, status: u16, value: &types::Order) -> Self { self }";

    #[test]
    fn each_form_has_a_response() {
        let accepted = printed(&["x-may-be-accepted"], WITH_BODY);
        let arguments = "accepted(self,location:Option<&str>,value:Option<&types::Order>,)";
        assert!(accepted.contains(arguments), "{accepted}");
        assert!(!accepted.contains("without_body"), "{accepted}");
        let optional = printed(&["x-body-is-optional"], WITH_BODY);
        assert!(optional.contains("fnsuccess_without_body(self,status:u16)"), "{optional}");
        assert!(!optional.contains("fnaccepted"), "{optional}");
    }

    #[test]
    fn what_has_no_body_is_accepted_without_one() {
        let accepted = printed(&["x-may-be-accepted"], "pub fn success(self, status: u16) -> Self { self }");
        assert!(accepted.contains("accepted(self,location:Option<&str>)"), "{accepted}");
        assert!(!accepted.contains("json_body"), "{accepted}");
    }
}
