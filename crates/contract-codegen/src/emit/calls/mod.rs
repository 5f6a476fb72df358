//! The client: a method per operation, and the builder that it returns.
//!
//! Required parameters and the body are arguments of the method, in the order of the path and then of the contract; optional
//! parameters are setters of the builder. Everything that operations have in common is in the runtime, so that the generated
//! code states what differs: progenitor's own builders are twice as long and report mistakes at run time. Of its output the
//! types are used, which it derives from schemas.

mod call;
mod inferred;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;
use syn::{File, Type};

use self::call::{Call, Forms, Parameter, Position};
use super::text::sentence;

/// An operation has no form in the client.
#[derive(Debug, thiserror::Error)]
pub enum CallsError {
    /// progenitor's output isn't what this was written for.
    #[error("progenitor's output has no {what} for `{operation}`; its form may have changed")]
    Missing {
        /// The operation.
        operation: String,
        /// What is missing.
        what: String,
    },
    /// The body isn't JSON.
    #[error("the body of `{0}` is not JSON; leave the operation out and write it by hand on the same transport")]
    Body(String),
    /// Error responses have no schema.
    #[error("`{0}` describes no error response with a JSON body")]
    Fault(String),
    /// What was put together isn't Rust.
    #[error("the client can't be read as Rust: {0}")]
    NotRust(#[from] syn::Error),
}

/// The calls of the client, from the lowered contract and progenitor's output. The module `types` stays empty.
///
/// # Errors
/// When an operation has no form in the client.
pub fn client(lowered: &Value, output: &File) -> Result<File, CallsError> {
    let calls = call::calls(lowered, output)?;
    let about = about(lowered);
    let methods = calls.iter().map(method);
    let builders = calls.iter().map(builder);
    let streaming = calls.iter().any(|call| call.is_list || is(&call.success, "ByteStream"));
    let byte_stream = streaming.then(|| quote!(ByteStream,));
    let success = calls.iter().any(|call| call.forms.may_be_accepted).then(|| quote!(Success,));
    let form = calls.iter().any(|call| call.forms != Forms::ONE).then(|| quote!(form,));
    Ok(syn::parse2(quote! {
        use std::sync::Arc;

        use crate::runtime::SharedTransport;

        /// Types used as operation parameters and responses.
        #[allow(clippy::all)]
        pub mod types {}

        #[doc = #about]
        #[derive(Clone, Debug)]
        pub struct Client {
            pub(crate) base_url: Arc<str>,
            pub(crate) transport: SharedTransport,
        }

        impl Client {
            /// A client that sends its requests through `transport`.
            ///
            /// `base_url` has a scheme, a host and the path down to the API's version, without a slash at its end:
            /// `https://api.partnercenter.microsoft.com/v1`.
            pub fn new(base_url: impl Into<Arc<str>>, transport: SharedTransport) -> Self {
                Self { base_url: base_url.into(), transport }
            }

            #(#methods)*
        }

        /// The builders of calls: optional parameters, and the request.
        #[allow(clippy::all)]
        pub mod builder {
            use super::{Client, types};
            use crate::Operation;
            use crate::runtime::{#form #byte_stream Error, Request, ResponseValue, #success};

            #(#builders)*
        }
    })?)
}

/// The documentation of the client.
fn about(lowered: &Value) -> String {
    let text = |key: &str| lowered.pointer(&format!("/info/{key}")).and_then(Value::as_str).unwrap_or_default().trim();
    format!("Client for {}\n\n{}\n\nVersion: {}", text("title"), text("description"), text("version"))
}

/// The method of the client that starts a call.
fn method(call: &Call) -> TokenStream {
    let Call { method, builder, .. } = call;
    let mut docs = call.docs.clone();
    let required: Vec<&Parameter> = call.required().collect();
    if !required.is_empty() {
        docs.push_str("\n\nArguments:");
        for Parameter { argument, docs: about, .. } in &required {
            docs.push_str(&format!("\n- `{argument}`: {about}"));
        }
    }
    let arguments = required.iter().map(|parameter| {
        let Parameter { argument, kind, .. } = parameter;
        if converts(parameter) { quote!(#argument: impl Into<#kind>) } else { quote!(#argument: #kind) }
    });
    let values = call.parameters.iter().map(|parameter| {
        let argument = &parameter.argument;
        match parameter {
            Parameter { required: false, .. } => quote!(#argument: None),
            _ if converts(parameter) => quote!(#argument: #argument.into()),
            _ => quote!(#argument),
        }
    });
    let client = client_field(call);
    quote! {
        #[doc = #docs]
        pub fn #method(&self, #(#arguments),*) -> builder::#builder<'_> {
            builder::#builder { #client: self, #(#values),* }
        }
    }
}

/// The builder of a call.
fn builder(call: &Call) -> TokenStream {
    let Call { method, builder, success: body, fault, .. } = call;
    let about = format!(" A call of [`Client::{method}`].");
    let client = client_field(call);
    let fields = call.parameters.iter().map(|parameter| {
        let Parameter { argument, kind, required, .. } = parameter;
        if *required { quote!(pub(super) #argument: #kind) } else { quote!(pub(super) #argument: Option<#kind>) }
    });
    let setters = call.parameters.iter().filter(|parameter| !parameter.required).map(|parameter| {
        let Parameter { argument, kind, docs, .. } = parameter;
        let docs = format!(" {docs}");
        let (takes, value) = if converts(parameter) {
            (quote!(impl Into<#kind>), quote!(#argument.into()))
        } else {
            (quote!(#kind), quote!(#argument))
        };
        quote! {
            #[doc = #docs]
            pub fn #argument(mut self, #argument: #takes) -> Self {
                self.#argument = Some(#value);
                self
            }
        }
    });
    let variant = format_ident!("{}", contract::naming::pascal_case(&call.id));
    let parts = call.sent().map(part);
    let (success, form) = success(call);
    let send = if is(body, "ByteStream") {
        quote!(self.request().stream())
    } else if call.forms != Forms::ONE {
        quote!(self.request().send_as::<#form, _>())
    } else if matches!(body, Type::Tuple(_)) {
        quote! {
            let response = self.request().stream();
            async move { Ok(response.await?.map(drop)) }
        }
    } else {
        quote!(self.request().send())
    };
    let stream = call.is_list.then(|| {
        quote! {
            /// Sends the request, and passes the body of the response on as it arrives, undecoded: for a list too long to hold in memory.
            ///
            /// # Errors
            /// Those of [`send`](Self::send), without those of decoding a success.
            pub fn stream(self) -> impl Future<Output = Result<ResponseValue<ByteStream>, Error<#fault>>> + Send {
                self.request().stream()
            }
        }
    });
    quote! {
        #[doc = #about]
        #[derive(Clone, Debug)]
        #[must_use = "nothing is sent before the future of `send` is awaited"]
        pub struct #builder<'a> {
            pub(super) #client: &'a Client,
            #(#fields,)*
        }

        impl<'a> #builder<'a> {
            #(#setters)*

            /// Sends the request.
            ///
            /// # Errors
            /// When a parameter can't be sent, no response came, or the service responded with an error.
            pub fn send(self) -> impl Future<Output = Result<ResponseValue<#success>, Error<#fault>>> + Send {
                #send
            }

            #stream

            fn request(&self) -> Request<'a> {
                let mut request = Request::new(self.#client, Operation::#variant);
                #(#parts)*
                request
            }
        }
    }
}

/// The type of a success, and of the form that reads it.
fn success(call: &Call) -> (TokenStream, TokenStream) {
    let Call { success: body, forms, .. } = call;
    let (mut success, mut form) = match body {
        Type::Tuple(_) => (quote!(#body), quote!(form::NoBody)),
        _ if forms.body_is_optional => (quote!(Option<#body>), quote!(form::OptionalBody<#body>)),
        _ => (quote!(#body), quote!(form::Body<#body>)),
    };
    if forms.may_be_accepted {
        success = quote!(Success<#success>);
        form = quote!(form::MayBeAccepted<#form>);
    }
    (success, form)
}

/// The statement that gives a parameter to the request.
fn part(parameter: &Parameter) -> TokenStream {
    let Parameter { argument, wire, .. } = parameter;
    let value = if parameter.required { quote!(Some(&self.#argument)) } else { quote!(self.#argument.as_ref()) };
    match parameter.position {
        Position::Path => quote!(request.segment(&self.#argument);),
        Position::Query => quote!(request.query(#wire, #value);),
        Position::Header => {
            // Checked when the crate is compiled.
            let name = wire.to_ascii_lowercase();
            quote!(request.header(const { ::http::HeaderName::from_static(#name) }, #value);)
        }
        Position::Body => quote!(request.json(&self.#argument);),
    }
}

/// The name of the builder's reference to the client, which no parameter has.
fn client_field(call: &Call) -> syn::Ident {
    let taken = call.parameters.iter().any(|parameter| parameter.argument == "client");
    format_ident!("{}", if taken { "client_" } else { "client" })
}

/// Whether the parameter takes what can be converted into it: text and enums, but no numbers, ids or whole bodies.
fn converts(parameter: &Parameter) -> bool {
    const PLAIN: [&str; 14] =
        ["bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64", "Uuid", "NaiveDate", "Value"];
    parameter.position != Position::Body && !PLAIN.iter().any(|name| is(&parameter.kind, name))
}

/// Whether the type's name is this.
pub(super) fn is(kind: &Type, name: &str) -> bool {
    matches!(kind, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == name))
}

/// A description as one line of documentation.
fn line(text: &str) -> String {
    sentence(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}
