//! What the operations do. Each reads and changes the state at one moment; nothing waits in here.

mod activation;
mod attachments;
mod billing_cycle;
mod cart_lines;
mod carts;
mod lines;
mod order_changes;
mod orders;
mod place_order;
mod products;
mod subscriptions;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::IF_MATCH;
use serde::Serialize;
use uuid::Uuid;

pub(crate) use activation::{PATH as ACTIVATION_PATH, visit as visit_activation_link};
pub(crate) use attachments::fingerprint as upload_fingerprint;

use crate::catalog::Catalog;
use crate::error_response::ErrorResponse;
use crate::identity::tokens::Caller;
use crate::random::Random;
use crate::route::Operation;
use crate::settings::{Settings, StaleEtag};
use crate::state::orders::{Attributes, Link, Links};
use crate::state::provisioning::Due;
use crate::state::{Customer, Effects, State};
use crate::wire::path::Pairs;
use crate::wire::response::BufferedResponse;

/// A call of an operation, past all that concerns every call alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    /// What stands in the address in place of the names in braces.
    pub(crate) parameters: &'a [String],
    pub(crate) query: &'a Pairs,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a Bytes,
    pub(crate) caller: &'a Caller,
    pub(crate) settings: &'a Settings,
    /// Where the emulator is reached, for absolute links.
    pub(crate) origin: &'a str,
    pub(crate) now: DateTime<Utc>,
    /// What a fault plan holds against placing orders.
    pub(crate) order_faults: &'a [OrderFault],
}

/// A fault that keeps an order from being placed.
#[derive(Clone, Debug)]
pub(crate) struct OrderFault {
    pub(crate) code: u32,
    pub(crate) description: String,
    /// The item that an order must hold to meet the fault; any order does if there is none.
    pub(crate) item: Option<String>,
}

impl Call<'_> {
    /// A parameter of the address by its position.
    fn parameter(&self, position: usize) -> &str {
        self.parameters.get(position).map_or("", String::as_str)
    }

    /// Holds an `If-Match` against the resource's `ETag`. Resources without one are never stale.
    fn check_etag(&self, etag: Option<&str>) -> Result<(), ErrorResponse> {
        let (Some(etag), Some(wanted)) = (etag, self.headers.get(IF_MATCH)) else { return Ok(()) };
        let fits = wanted.to_str().is_ok_and(|wanted| {
            wanted.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_matches('"') == etag)
        });
        if fits {
            return Ok(());
        }
        let status = match self.settings.stale_etag {
            StaleEtag::BadRequest => http::StatusCode::BAD_REQUEST,
            StaleEtag::PreconditionFailed => http::StatusCode::PRECONDITION_FAILED,
        };
        Err(ErrorResponse::new(status, 2055, "The ETag is no longer valid."))
    }

    /// The user who is to get the licences of an order.
    fn licensed_user(&self) -> Result<Option<String>, ErrorResponse> {
        const NAME: &str = "x-ms-customeruser-upn";
        let Some(value) = self.headers.get(NAME) else { return Ok(None) };
        match value.to_str() {
            Ok(upn) if upn.contains('@') => Ok(Some(upn.to_owned())),
            _ => Err(ErrorResponse::invalid(NAME, "The user principal name is not valid.")),
        }
    }
}

/// What a call about one customer works with.
struct CustomerContext<'a> {
    customer: &'a mut Customer,
    catalog: &'a Catalog,
    random: &'a mut Random,
    due: &'a mut Due,
    effects: &'a mut Effects,
}

/// Does what an operation does.
pub(crate) fn execute(state: &mut State, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    state.settle(call.settings, call.now);
    match call.operation {
        Operation::GetProduct => return products::product(&state.catalog, call, 0),
        Operation::ListSkus => return products::skus(&state.catalog, call, 0),
        Operation::GetSku => return products::sku(&state.catalog, call, 0),
        Operation::ListAvailabilities => return products::availabilities(&state.catalog, call, 0),
        Operation::GetAvailability => return products::availability(&state.catalog, call, 0),
        Operation::GetOffer => return products::offer(&state.catalog, call),
        Operation::FindSubscription => return subscriptions::find(state, call),
        Operation::FindSubscriptionProvisioningStatus => return subscriptions::find_provisioning_status(state, call),
        _ => {}
    }
    let State { customers, catalog, random, due, effects, .. } = state;
    let id = customer_id(call.parameter(0))?;
    let customer = customers.get_mut(&id).ok_or_else(ErrorResponse::no_relationship)?;
    let mut context = CustomerContext { customer, catalog, random, due, effects };
    match call.operation {
        Operation::ListOrders => orders::list(&context, call),
        Operation::CreateOrder => orders::create(&mut context, call),
        Operation::GetOrder => orders::get(&context, call),
        Operation::UpdateOrder => order_changes::update(&mut context, call),
        Operation::GetOrderProvisioningStatus => orders::provisioning_status(&context, call),
        Operation::ListOrderActivationLinks => activation::of_order(&context, call),
        Operation::ListLineItemActivationLinks => activation::of_line(&context, call),
        Operation::ListOrderAttachments => attachments::list(&context, call),
        Operation::UploadOrderAttachments => attachments::upload(&mut context, call),
        Operation::DownloadOrderAttachment => attachments::download(&context, call),
        Operation::CreateCart => carts::create(&mut context, call),
        Operation::GetCart => carts::get(&context, call),
        Operation::UpdateCart => carts::replace(&mut context, call),
        Operation::CheckoutCart => carts::check_out(&mut context, call),
        Operation::ListSubscriptionsByOrder => subscriptions::list(&context, call),
        Operation::GetSubscription => subscriptions::get(&context, call),
        Operation::UpdateSubscription => subscriptions::update(&mut context, call),
        Operation::GetSubscriptionProvisioningStatus => subscriptions::provisioning_status(&context, call),
        Operation::ListSubscriptionActivationLinks => activation::of_subscription(&context, call),
        Operation::ActivateSandboxSubscription => subscriptions::activate(&mut context, call),
        Operation::RegisterSubscription => subscriptions::register(&mut context, call),
        Operation::GetRegistrationStatus => subscriptions::registration_status(&context, call),
        Operation::ListCustomerSkus => products::skus(context.catalog, call, 1),
        Operation::ListCustomerAvailabilities => products::availabilities(context.catalog, call, 1),
        Operation::GetProduct
        | Operation::ListSkus
        | Operation::GetSku
        | Operation::ListAvailabilities
        | Operation::GetAvailability
        | Operation::GetOffer
        | Operation::FindSubscription
        | Operation::FindSubscriptionProvisioningStatus => Err(ErrorResponse::nothing_here()),
    }
}

fn customer_id(text: &str) -> Result<Uuid, ErrorResponse> {
    Some(text)
        .filter(|text| text.len() == 36)
        .and_then(|text| Uuid::try_parse(text).ok())
        .ok_or_else(|| ErrorResponse::bad_request(900_118, "The customer id is not valid."))
}

/// A collection as the service writes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Collection<T> {
    total_count: usize,
    items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<Links>,
    attributes: Attributes,
}

impl<T> Collection<T> {
    fn new(items: Vec<T>) -> Self {
        Self { total_count: items.len(), items, links: None, attributes: Attributes::of("Collection") }
    }

    fn with_self(mut self, uri: String) -> Self {
        self.links = Some(Links::from([("self".to_owned(), Link::get(uri))]));
        self
    }
}
