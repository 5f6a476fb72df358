#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[rustfmt::skip]
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    reason = "written by `cargo xtask generate`"
)]
mod generated {
    pub mod mocks;
}

pub use generated::mocks::{MockServerExt, operations};
