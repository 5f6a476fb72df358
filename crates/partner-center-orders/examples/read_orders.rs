//! Reads a customer's orders: as a whole, as a stream, and a single one with prices.
//!
//! `cargo run --example read_orders -- CUSTOMER`, with the variables that `PartnerCenterBuilder::from_env` names.

use partner_center_orders::PartnerCenter;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let customer = std::env::args().nth(1).ok_or("pass a customer's tenant id")?.parse()?;
    let orders = PartnerCenter::from_env()?.customer(customer).orders();

    let all = orders.list().await?;
    println!("{} orders (request {})", all.len(), all.request_id());

    let mut stream = orders.list().stream();
    while let Some(order) = stream.next().await {
        let order = order?;
        println!("{}  {}  {} lines", order.id, order.creation_date, order.line_items.len());
    }

    if let Some(first) = all.first() {
        let priced = orders.get(&first.id).include_price().locale("en-US").await?;
        println!("{} costs {:?} {:?}", priced.id, priced.total_price, priced.currency_code);
    }

    match orders.get("no-such-order").await {
        Err(error) if error.is_not_found() => println!("as expected: {error}"),
        other => println!("unexpected: {other:?}"),
    }
    Ok(())
}
