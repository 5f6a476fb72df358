#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod activation;
mod age;
mod agree;
mod attachments;
mod builder;
mod call;
mod carts;
mod clock;
mod cloud;
mod customer;
mod customers;
mod environment;
mod error;
pub mod identity;
mod link;
mod list;
mod mfa;
mod orders;
mod partner_center;
mod polling;
mod response;
mod resume;
mod retry_after;
mod retry_policy;
mod scheduled;
mod send;
mod service_time;
mod subscriptions;
mod transport;

/// A boxed future, as the traits of this crate return it.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

pub use http::StatusCode;
pub use partner_center_orders_api as api;
pub use partner_center_orders_api::runtime::{Success, TransportError, TransportErrorKind};
pub use partner_center_orders_api::{
    CartErrorCode, ErrorCode, Operation, RetryClass, UnknownValue, enums, types, wire,
};
pub use url::Url;
pub use uuid::Uuid;

pub use self::activation::ActivationLink;
pub use self::attachments::{AttachmentFile, Attachments, Download, Upload};
pub use self::builder::{BuildError, PartnerCenterBuilder};
pub use self::call::{Call, Request};
pub use self::carts::{Carts, Checkout, IncompleteCheckout};
pub use self::clock::{Clock, RandomSource, SystemClock, SystemRandomSource};
pub use self::cloud::{Cloud, InvalidAddress};
pub use self::customer::Customer;
pub use self::customers::{CustomerOutcome, CustomerResult, ForCustomers};
pub use self::error::{Candidate, Error, ErrorKind, PendingWrite};
pub use self::identity::{ClientSecret, Credential, CredentialError, RefreshToken, StaticToken};
pub use self::link::Linked;
pub use self::list::{ListRequest, ListStream};
pub use self::mfa::MfaCompliance;
pub use self::orders::{AddOn, Orders, Provisioning};
pub use self::partner_center::PartnerCenter;
pub use self::response::Response;
pub use self::resume::Resumable;
pub use self::retry_policy::{RetryPolicy, RetryWrites};
pub use self::scheduled::ScheduledChanges;
pub use self::send::SendRequest;
pub use self::subscriptions::{AcceptedChange, EndOfTerm, SubscriptionEnd, Subscriptions, TermOutcome, UnknownOutcome};
pub use self::transport::RateLimit;

/// The requests, one type per operation or helper. They appear as the `R` of [`Call`].
pub mod requests {
    pub use crate::attachments::{DownloadAttachment, ListAttachments, UploadAttachments};
    pub use crate::carts::{ChangeCart, CheckoutCart, CreateCart, GetCart, UpdateCart};
    pub use crate::link::FollowLink;
    pub use crate::mfa::CheckMfa;
    pub use crate::orders::{
        BuyAddOns, CancelOrder, ChangeBillingCycle, CreateOrder, GetOrder, GetProvisioningStatus,
        ListLineActivationLinks, ListOrderActivationLinks, ListOrderSubscriptions, ListOrders, UpdateOrder,
        WaitUntilProvisioned,
    };
    pub use crate::subscriptions::{
        ActivateInSandbox, ChangeSubscription, GetEndOfTerm, GetSubscription, GetSubscriptionProvisioningStatus,
        ListSubscriptionActivationLinks, UpdateSubscription, WaitUntilChanged,
    };
}

/// The page for users of the .NET SDK, so that its code is compiled.
#[cfg(doctest)]
#[doc = include_str!("../docs/from-the-dotnet-sdk.md")]
struct FromTheDotNetSdk;
