//! Waits until an order is provisioned, and counts its activation links.
//!
//! `cargo run --example wait_for_provisioning -- CUSTOMER ORDER`, with the variables that
//! `PartnerCenterBuilder::from_env` names. Provisioning status is for an app with a user: set a refresh token.

use std::time::Duration;

use partner_center_orders::PartnerCenter;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let customer = arguments.next().ok_or("pass a customer's tenant id")?.parse()?;
    let order_id = arguments.next().ok_or("pass an order id")?;
    let orders = PartnerCenter::from_env()?.customer(customer).orders();

    let provisioning = orders
        .wait_until_provisioned(&order_id)
        .deadline(Duration::from_secs(600))
        .on_progress(|lines| {
            for line in lines {
                println!("line {}: {:?}", line.line_item_number, line.status);
            }
        })
        .await?;
    if !provisioning.is_complete() {
        println!("{} lines are still pending", provisioning.pending().count());
        return Ok(());
    }

    let links = orders.activation_links(&order_id).await?;
    // The addresses are secrets, so only their number is printed.
    println!("{} activation links", links.len());
    Ok(())
}
