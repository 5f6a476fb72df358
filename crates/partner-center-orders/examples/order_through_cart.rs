//! Buys with a cart: creates it, adds lines, changes it, checks it out, and shows what failed.
//!
//! `cargo run --example order_through_cart -- CUSTOMER CATALOG-ITEM`, with the variables that
//! `PartnerCenterBuilder::from_env` names. It places an order.

use partner_center_orders::enums::BillingCycle;
use partner_center_orders::types::NewCartLineItem;
use partner_center_orders::{Checkout, PartnerCenter};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let customer = arguments.next().ok_or("pass a customer's tenant id")?.parse()?;
    let item = arguments.next().ok_or("pass a catalog item id")?;
    let carts = PartnerCenter::from_env()?.customer(customer).carts();

    let cart = carts.create_from([line(&item, 1)]).await?;
    let cart = carts.add_lines(&cart.id, [line(&item, 2)]).await?;
    let cart = carts.change(&cart.id, |cart| cart.line_items[0].quantity = 3).await?;
    for line in &cart.line_items {
        // A line that can't be bought has an error, though the call succeeds.
        println!("line {}: {} x {}", line.id, line.quantity, line.catalog_item_id);
        if let Some(error) = &line.error {
            println!("line {} can't be bought: {error}", line.id);
        }
    }

    let checkout = match carts.checkout(&cart.id).await {
        // It may have been placed: send it again under the same id.
        Err(error) if error.is_outcome_unknown() => {
            let pending_write = error.pending_write().ok_or("nothing to resume")?;
            carts.checkout(&cart.id).resume(pending_write).await?
        }
        other => other?,
    };
    match checkout.into_inner() {
        Checkout::Complete(result) => {
            for order in result.orders_or_empty() {
                println!("ordered {} with {} lines", order.id, order.line_items.len());
            }
        }
        Checkout::Incomplete(failed) => println!("{failed}"),
        Checkout::PlacedBefore(cart) => println!("cart {} was ordered before; see the list of orders", cart.id),
    }
    Ok(())
}

fn line(item: &str, quantity: i32) -> NewCartLineItem {
    NewCartLineItem::new(item, quantity).billing_cycle(BillingCycle::Monthly).term_duration("P1M")
}
