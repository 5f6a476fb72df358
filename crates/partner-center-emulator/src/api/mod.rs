//! The operations. Each reads and changes the state in one step; none of them waits.

mod acceptance;
mod accepted;
mod activation;
mod attachments;
mod billing_cycle;
mod call;
mod cart_lines;
mod carts;
mod collection;
mod lines;
mod order_changes;
mod orders;
mod place_order;
mod products;
mod subscription_changes;
mod subscriptions;

use uuid::Uuid;

pub(crate) use acceptance::Acceptance;
pub(crate) use activation::{PATH as ACTIVATION_PATH, visit as visit_activation_link};
pub(crate) use attachments::fingerprint as upload_fingerprint;
pub(crate) use call::{Call, OrderFault};

use crate::error_response::ErrorResponse;
use crate::route::Operation;
use crate::state::State;
use crate::wire::response::BufferedResponse;
use call::CustomerContext;

/// Executes an operation.
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
    let accepting = accepted::begin(&mut context, call);
    let response = match call.operation {
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
        Operation::UpdateSubscription => subscription_changes::update(&mut context, call),
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
        | Operation::FindSubscriptionProvisioningStatus => Err(ErrorResponse::unknown_address()),
    };
    accepted::end(accepting, &mut context, call, response)
}

fn customer_id(text: &str) -> Result<Uuid, ErrorResponse> {
    Some(text)
        .filter(|text| text.len() == 36)
        .and_then(|text| Uuid::try_parse(text).ok())
        .ok_or_else(|| ErrorResponse::bad_request(900_118, "The customer id is not valid."))
}
