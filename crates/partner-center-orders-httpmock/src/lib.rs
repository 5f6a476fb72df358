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
/// The version of `httpmock` that the mocks go with: [`MockServerExt`] is implemented for its
/// [`MockServer`](httpmock::MockServer), and for that of no other version.
///
/// ```
/// use partner_center_orders_httpmock::httpmock::MockServer;
///
/// let server = MockServer::start();
/// assert!(server.base_url().starts_with("http://127.0.0.1"));
/// ```
pub use httpmock;
