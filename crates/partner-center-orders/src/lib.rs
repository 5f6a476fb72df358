//! Order through Microsoft's Partner Center API.
mod call;
mod clock;
mod cloud;
mod customer;
mod environment;
mod error;
pub mod identity;
mod orders;
mod partner_center;
mod response;
mod transport;

/// A boxed future, as the traits of this crate give it.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

pub use http::StatusCode;
pub use partner_center_orders_api::{
    CartErrorCode, ErrorCode, Operation, RetryClass, UnknownValue, enums, types, wire,
};
pub use url::Url;
pub use uuid::Uuid;

pub use self::call::{Call, Request};
pub use self::clock::{Clock, Randomness, SystemClock, SystemRandomness};
pub use self::cloud::{Cloud, InvalidAddress};
pub use self::customer::Customer;
pub use self::error::{Error, ErrorKind, Unfinished};
pub use self::identity::{ClientSecret, Credential, CredentialError, RefreshToken, StaticToken};
pub use self::orders::Orders;
pub use self::partner_center::{BuildError, PartnerCenter, PartnerCenterBuilder};
pub use self::response::Response;
pub use self::transport::{RetryPolicy, RetryWrites, SendRequest, Throttle};
pub use partner_center_orders_api::runtime::{TransportError, TransportErrorKind};

/// What can be called, one type per operation.
pub mod requests {
    pub use crate::orders::{GetOrder, ListOrders};
}
