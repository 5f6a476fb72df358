//! Links in responses: their targets, and how they are followed.

use std::marker::PhantomData;

use http::header::{self, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use partner_center_orders_api::Operation;
use partner_center_orders_api::runtime::Payload;
use partner_center_orders_api::runtime::{BodyKind, ByteStream, Error as ApiError, RawResponse, ResponseValue};
use partner_center_orders_api::types::{
    Cart, Fault, Link, Order, OrderLineItemActivationLinkCollection, OrderLineItemProvisioningStatus,
    OrderLineItemProvisioningStatusCollection, Subscription, SubscriptionProvisioningStatus,
};
use url::Url;
use uuid::Uuid;

use crate::activation::ActivationLink;
use crate::call::{Session, sealed};
use crate::transport::CallState;
use crate::{Error, ErrorKind, Response};

/// The type of a link's target.
///
/// | type | links of |
/// |---|---|
/// | [`Order`] | an order's `self` |
/// | [`Cart`] | a cart's `self` |
/// | [`Subscription`] | an order line's `subscription`, a subscription's `self` and `parent_subscription` |
/// | `Vec<`[`OrderLineItemProvisioningStatus`]`>` | an order's `provisioning_status` |
/// | [`SubscriptionProvisioningStatus`] | an order line's `provisioning_status` |
/// | `Vec<`[`ActivationLink`]`>` | an order line's and a subscription's `activation_links` |
///
/// Products, SKUs and availabilities are outside of this crate.
pub trait Linked: Sized + Send + 'static {
    /// The type on the wire.
    #[doc(hidden)]
    type Wire: Payload + Send;
    /// The operations that return it.
    #[doc(hidden)]
    const OPERATIONS: &'static [Operation];
    /// Converts it from the wire.
    #[doc(hidden)]
    fn from_wire(wire: Self::Wire) -> Self;
}

macro_rules! linked {
    ($($type:ty: $wire:ty as $take:expr, from $($operation:ident),+;)*) => {$(
        impl Linked for $type {
            type Wire = $wire;
            const OPERATIONS: &'static [Operation] = &[$(Operation::$operation),+];

            fn from_wire(wire: $wire) -> Self {
                let take: fn($wire) -> Self = $take;
                take(wire)
            }
        }
    )*};
}

linked! {
    Order: Order as |order| order, from GetOrder;
    Cart: Cart as |cart| cart, from GetCart;
    Subscription: Subscription as |subscription| subscription, from GetSubscription;
    SubscriptionProvisioningStatus: SubscriptionProvisioningStatus as |status| status,
        from GetSubscriptionProvisioningStatus;
    Vec<OrderLineItemProvisioningStatus>: OrderLineItemProvisioningStatusCollection as |list| list.items,
        from GetOrderProvisioningStatus;
    Vec<ActivationLink>: OrderLineItemActivationLinkCollection
        as |list| list.items.into_iter().map(ActivationLink::from).collect(),
        from ListOrderActivationLinks, ListLineItemActivationLinks, ListSubscriptionActivationLinks;
}

/// Follows a link: see [`Customer::follow`](crate::Customer::follow).
#[derive(Clone, Debug)]
pub struct FollowLink<T> {
    customer: Uuid,
    link: Link,
    target: PhantomData<fn() -> T>,
}

impl<T> FollowLink<T> {
    pub(crate) fn new(customer: Uuid, link: Link) -> Self {
        Self { customer, link, target: PhantomData }
    }
}

impl<T: Linked> sealed::Request for FollowLink<T> {
    type Output = T;

    async fn run(self, session: Session) -> Result<Response<T>, Error> {
        let base = session.shared().cloud.base_url();
        let mut link = self.link;
        // Some links of lines lack the customer that all paths begin with (documented samples).
        if link.uri.starts_with("/subscriptions/") || link.uri.starts_with("/orders/") {
            link.uri = format!("/customers/{}{}", self.customer, link.uri);
        }
        let url = address(base, &link.uri)?;
        let path = url.path().strip_prefix(base.path().trim_end_matches('/')).unwrap_or(url.path());
        let Some(operation) = T::OPERATIONS.iter().copied().find(|operation| is_path_of(path, *operation)) else {
            return Err(Error::own(
                ErrorKind::InvalidRequest,
                "the link doesn't lead to a resource of the requested type",
            ));
        };
        let state = session.begin(crate::call::Id::Calls, operation);
        let response: Response<T::Wire> = read(&state, &link).await?;
        Ok(response.map(T::from_wire))
    }
}

/// Whether the path matches the operation's template.
fn is_path_of(path: &str, operation: Operation) -> bool {
    let mut segments = path.trim_end_matches('/').split('/');
    let mut template = operation.path_template().split('/');
    loop {
        match (segments.next(), template.next()) {
            (None, None) => return true,
            (Some(segment), Some(parameter)) if parameter.starts_with('{') && !segment.is_empty() => {}
            (Some(segment), Some(literal)) if segment.eq_ignore_ascii_case(literal) => {}
            _ => return false,
        }
    }
}

/// Reads the target of a link.
pub(crate) async fn read<T: Payload>(state: &CallState, link: &Link) -> Result<Response<T>, Error> {
    let request = request(state.shared.cloud.base_url(), link)?;
    let response = async { decoded(state.send_request(request, BodyKind::Json).await?).await };
    match response.await {
        Ok(response) => Ok(Response::new(response, state)),
        Err(error) => Err(Error::of_call(error, state)),
    }
}

/// Reads the target of a link as a stream.
pub(crate) async fn stream(state: &CallState, link: &Link) -> Result<ResponseValue<ByteStream>, Error> {
    let request = request(state.shared.cloud.base_url(), link)?;
    let response = async {
        let response = state.send_request(request, BodyKind::Stream).await?;
        if response.status().is_success() { Ok(ResponseValue::stream(response)) } else { Err(error_of(response).await) }
    };
    response.await.map_err(|error| Error::of_call(error, state))
}

async fn decoded<T: Payload>(response: RawResponse) -> Result<ResponseValue<T>, ApiError<Fault>> {
    if response.status().is_success() {
        ResponseValue::from_response(response).await
    } else {
        Err(error_of(response).await)
    }
}

async fn error_of(response: RawResponse) -> ApiError<Fault> {
    let status: StatusCode = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return ApiError::UnexpectedResponse(Box::new(response));
    }
    match ResponseValue::from_response(response).await {
        Ok(fault) => ApiError::ErrorResponse(Box::new(fault)),
        Err(error) => error,
    }
}

/// The request that a link describes: its method and its headers.
fn request(base: &Url, link: &Link) -> Result<reqwest::Request, Error> {
    let invalid = |message: &str| Error::own(ErrorKind::InvalidRequest, message);
    if !link.method.eq_ignore_ascii_case(Method::GET.as_str()) {
        return Err(invalid("the link's method isn't GET"));
    }
    let mut request = reqwest::Request::new(Method::GET, address(base, &link.uri)?);
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    for pair in link.headers_or_empty() {
        let (Some(key), Some(value)) = (&pair.key, &pair.value) else { continue };
        let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) else {
            return Err(invalid("the link has an invalid header"));
        };
        if may_be_set(&name) {
            request.headers_mut().insert(name, value);
        }
    }
    Ok(request)
}

/// Whether a link may set the header. It may set the service's own, such as `MS-ContinuationToken` of the next part of a list
/// (documented; no other was ever seen), but none of the connection, the token or the caller, whose ids are included.
fn may_be_set(name: &HeaderName) -> bool {
    name.as_str().starts_with("ms-") && !["ms-requestid", "ms-correlationid"].contains(&name.as_str())
}

/// Whether the link leads to a resource of the configured service, to which the token may be sent.
pub(crate) fn leads_below(base: &Url, uri: &str) -> bool {
    let root = base.as_str().trim_end_matches('/');
    address(base, uri).is_ok_and(|url| url.as_str().strip_prefix(root).is_some_and(|rest| rest.starts_with('/')))
}

/// The absolute address of a link, which is a path with or without the version, or absolute.
///
/// The transport checks whether the token may be sent there; this function only resolves the link.
fn address(base: &Url, uri: &str) -> Result<Url, Error> {
    if let Ok(url) = Url::parse(uri) {
        return Ok(url);
    }
    let uri = uri.split('#').next().unwrap_or_default();
    let (path, query) = uri.split_once('?').map_or((uri, None), |(path, query)| (path, Some(query)));
    if !path.starts_with('/') || path.starts_with("//") {
        return Err(Error::own(ErrorKind::InvalidRequest, "the link is not a path below the base address"));
    }
    let root = base.path().trim_end_matches('/');
    let below = path.strip_prefix(root).filter(|rest| rest.starts_with('/')).unwrap_or(path);
    let mut url = base.clone();
    url.set_path(&format!("{root}{below}"));
    url.set_query(query);
    Ok(url)
}
