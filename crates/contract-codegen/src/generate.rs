//! progenitor, set up for this contract.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use contract::schema::is_open_enum;
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TagStyle, TypeImpl};
use quote::quote;
use schemars08::schema::{InstanceType, SchemaObject};
use serde_json::Value;

/// The crate that holds the generated client, as the mocks name it.
const API_CRATE: &str = "partner_center_orders_api";

/// progenitor rejected the lowered contract.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The lowered document isn't OpenAPI 3.0 to the parser that progenitor uses.
    #[error("the lowered contract can't be read as OpenAPI 3.0: {0}")]
    Document(#[from] serde_json::Error),
    /// progenitor failed.
    #[error("progenitor rejects the lowered contract: {0}")]
    Rejected(#[from] progenitor::Error),
    /// progenitor panicked: a construct that lint should know.
    #[error("progenitor gave up on the lowered contract: {0}; a rule of lint is missing for this construct")]
    Panicked(String),
}

fn settings(contract: &Value, style: InterfaceStyle) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(style)
        .with_tag(TagStyle::Merged)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::runtime::SharedTransport))
        .with_map_type("::std::collections::BTreeMap")
        .with_derive("PartialEq");
    for (format, kind, wire) in [
        ("date-time", InstanceType::String, "crate::wire::Timestamp"),
        ("decimal", InstanceType::Number, "crate::wire::Money"),
    ] {
        let schema = SchemaObject {
            instance_type: Some(kind.into()),
            format: Some(format.to_owned()),
            ..SchemaObject::default()
        };
        settings.with_conversion(schema, wire, [TypeImpl::Display, TypeImpl::FromStr].into_iter());
    }
    for (name, schema) in contract.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten() {
        let replacement = if let Some(wire) = schema.get("x-rust-wire").and_then(Value::as_str) {
            format!("crate::wire::{wire}")
        } else if is_open_enum(schema) {
            format!("crate::enums::{name}")
        } else {
            continue;
        };
        settings.with_replacement(name, replacement, [TypeImpl::Display, TypeImpl::FromStr].into_iter());
    }
    settings
}

thread_local! {
    /// Whether this thread's panics become errors, so that they need not be printed too.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Keeps panics silent on threads that ask for it.
fn silence_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                loud(panic);
            }
        }));
    });
}

/// Runs progenitor and turns its panics into errors.
fn guarded(
    settings: &GenerationSettings,
    document: &Value,
    run: impl FnOnce(&mut Generator, &openapiv3::OpenAPI) -> Result<TokenStream, progenitor::Error>,
) -> Result<TokenStream, GenerateError> {
    let document: openapiv3::OpenAPI = serde_json::from_value(document.clone())?;
    silence_panics();
    QUIET.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(|| run(&mut Generator::new(settings), &document)));
    QUIET.set(false);
    match outcome {
        Ok(tokens) => Ok(tokens?),
        Err(payload) => Err(GenerateError::Panicked(panic_text(payload.as_ref()))),
    }
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    payload
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "no message".to_owned())
}

/// The client and its types.
///
/// # Errors
/// When progenitor can't take the document.
pub fn client(contract: &Value, lowered: &Value) -> Result<TokenStream, GenerateError> {
    guarded(&settings(contract, InterfaceStyle::Builder), lowered, Generator::generate_tokens)
}

/// The same types without builders, with a client that has none either.
///
/// # Errors
/// As [`client`].
pub fn types(contract: &Value, lowered: &Value) -> Result<TokenStream, GenerateError> {
    guarded(&settings(contract, InterfaceStyle::Positional), lowered, Generator::generate_tokens)
}

/// The typed mocks.
///
/// # Errors
/// When progenitor can't take the document.
pub fn mocks(contract: &Value, lowered: &Value) -> Result<TokenStream, GenerateError> {
    guarded(&settings(contract, InterfaceStyle::Builder), lowered, |generator, document| {
        generator.httpmock(document, API_CRATE)
    })
}
