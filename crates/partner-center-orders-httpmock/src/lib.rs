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
/// The `httpmock` version of the mocks: [`MockServerExt`] is implemented for its [`MockServer`](httpmock::MockServer) only.
///
/// ```
/// use partner_center_orders_httpmock::httpmock::MockServer;
///
/// let server = MockServer::start();
/// assert!(server.base_url().starts_with("http://127.0.0.1"));
/// ```
pub use httpmock;
