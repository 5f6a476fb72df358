#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod attachments;
mod open_enum;
mod purchase_errors;
pub mod runtime;
pub mod wire;

#[rustfmt::skip]
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    rustdoc::all,
    reason = "written by `cargo xtask generate`"
)]
mod generated {
    pub mod client;
    pub mod contract;
    #[cfg(feature = "schema")]
    mod described;
    pub mod enums;
    pub mod error_code;
    mod forms;
    pub mod operation;
    mod payloads;
}

pub use attachments::{AttachmentFile, UploadOrderAttachments};
pub use generated::client::{Client, builder, types};
pub use generated::contract::{CONTRACT, Contract};
/// Enums that keep values that the contract doesn't know.
pub use generated::enums;
pub use generated::error_code::{CartErrorCode, ErrorCode};
pub use generated::operation::{Operation, RetryClass, UnknownOperation};
pub use open_enum::UnknownValue;
pub use runtime::{Extra, ExtraValue};
