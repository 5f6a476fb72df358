//! Counts the orders of many customers, a few customers concurrently.
//!
//! `cargo run --example reconcile_customers -- CUSTOMER…`, with the variables that `PartnerCenterBuilder::from_env` names.

use std::num::NonZeroUsize;

use partner_center_orders::enums::OrderStatus;
use partner_center_orders::{CustomerOutcome, Error, PartnerCenter, Uuid};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let customers: Vec<Uuid> = std::env::args().skip(1).map(|id| id.parse()).collect::<Result<_, _>>()?;
    let partner = PartnerCenter::from_env()?;

    let results = partner
        .for_customers(customers)
        .concurrency(NonZeroUsize::new(4).ok_or("zero")?)
        .run(|customer| async move {
            // As a stream, so that a customer's orders are never all in memory.
            let mut orders = customer.orders().list().stream();
            let (mut all, mut pending) = (0, 0);
            while let Some(order) = orders.next().await {
                all += 1;
                pending += usize::from(order?.status == Some(OrderStatus::Pending));
            }
            Ok::<_, Error>((all, pending))
        })
        .await;

    for result in results {
        match result.outcome {
            CustomerOutcome::Done((all, pending)) => {
                println!("{}: {all} orders, {pending} pending", result.customer_id);
            }
            CustomerOutcome::Skipped => println!("{}: has left", result.customer_id),
            CustomerOutcome::Failed(error) => println!("{}: {error}", result.customer_id),
        }
    }
    Ok(())
}
