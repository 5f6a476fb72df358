//! Calls from blocking code, which keeps a runtime with the client.
//!
//! `cargo run --example blocking -- CUSTOMER`, with the variables that `PartnerCenterBuilder::from_env` names.

use partner_center_orders::{PartnerCenter, Uuid};
use tokio::runtime::Runtime;

/// The state of a program without async code.
struct Shop {
    partner: PartnerCenter,
    runtime: Runtime,
}

impl Shop {
    fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { partner: PartnerCenter::from_env()?, runtime })
    }

    fn order_ids(&self, customer: Uuid) -> Result<Vec<String>, partner_center_orders::Error> {
        let orders = self.runtime.block_on(self.partner.customer(customer).orders().list().send())?;
        Ok(orders.iter().map(|order| order.id.clone()).collect())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let customer = std::env::args().nth(1).ok_or("pass a customer's tenant id")?.parse()?;
    for id in Shop::new()?.order_ids(customer)? {
        println!("{id}");
    }
    Ok(())
}
