//! Cancels an order, or its subscriptions if the service requires that.
//!
//! `cargo run --example cancel_order -- CUSTOMER ORDER`, with the variables that `PartnerCenterBuilder::from_env` names.

use partner_center_orders::enums::SubscriptionStatus;
use partner_center_orders::{ErrorCode, PartnerCenter, Success};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let customer = arguments.next().ok_or("pass a customer's tenant id")?.parse()?;
    let order_id = arguments.next().ok_or("pass an order id")?;
    let customer = PartnerCenter::from_env()?.customer(customer);

    match customer.orders().cancel(&order_id).await {
        Ok(order) => {
            // A sandbox may return `completed`; cancelled lines have no quantity.
            let cancelled = order.line_items.iter().filter(|line| line.quantity == 0).count();
            println!("{} is {:?}, {cancelled} lines are cancelled", order.id, order.status);
        }
        // In production only software is cancelled by order; the rest is cancelled by subscription.
        Err(error)
            if error.is_cancelled_by_subscription()
                || error.code() == Some(ErrorCode::CancelOnlySoftwareInProduction) =>
        {
            println!("{error}");
            for subscription in customer.orders().subscriptions(&order_id).await?.iter() {
                if subscription.status == SubscriptionStatus::Active {
                    let cancelled = customer.subscriptions().cancel(&subscription.id).await?;
                    match cancelled.into_inner() {
                        Success::Done(cancelled) => println!("subscription {} is {:?}", cancelled.id, cancelled.status),
                        Success::Accepted(_) => println!("the cancellation of {} is accepted", subscription.id),
                    }
                }
            }
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
