//! The examples of README.md, run against the emulator unchanged.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use partner_center_emulator::Emulator;
use partner_center_orders::enums::BillingCycle;
use partner_center_orders::types::NewCartLineItem;
use partner_center_orders::{Checkout, PartnerCenter, Uuid};
use partner_center_testing as testing;

/// Buys five seats for a year, paid monthly.
async fn buy(partner: &PartnerCenter, customer: Uuid, item: &str) -> Result<(), Box<dyn std::error::Error>> {
    let carts = partner.customer(customer).carts();
    let line = NewCartLineItem::new(item, 5).term_duration("P1Y").billing_cycle(BillingCycle::Monthly);
    let cart = carts.create_from([line]).await?;
    // A line that can't be bought carries an error, though the call succeeds.
    if let Some(error) = cart.line_items.iter().find_map(|line| line.error.as_ref()) {
        return Err(format!("the cart can't be bought: {error}").into());
    }
    // An order group can fail at checkout while others become orders: this error names both.
    match carts.checkout(&cart.id).await?.into_inner() {
        Checkout::Complete(result) => println!("ordered: {} orders", result.orders_or_empty().len()),
        Checkout::Incomplete(failed) => return Err(failed.into()),
        Checkout::PlacedBefore(cart) => println!("cart {} is ordered already: see the list of orders", cart.id),
    }
    Ok(())
}

#[tokio::test]
async fn seats_are_bought() {
    let emulator = Emulator::start().await.unwrap();
    let partner = testing::client(&emulator);
    let customer = emulator.customers()[0];

    buy(&partner, customer, "CFQ7TTC0LDPB:0001:CFQ7TTC0QNPW").await.unwrap();

    assert_eq!(emulator.counts()["ordersPlaced"], 1);
}

#[tokio::test]
async fn a_line_that_cannot_be_bought_is_an_error_before_the_checkout() {
    let emulator = Emulator::start().await.unwrap();
    let out_of_stock = "DG7GMGF0STCK:0001:DG7GMGF0STC1";

    let result = buy(&testing::client(&emulator), emulator.customers()[0], out_of_stock).await;

    assert!(result.unwrap_err().to_string().starts_with("the cart can't be bought"));
    assert_eq!(emulator.counts().get("ordersPlaced"), None);
}

#[tokio::test]
async fn an_order_that_fails_at_checkout_is_an_error_that_says_why() {
    let emulator = Emulator::start().await.unwrap();
    let fails_at_checkout = "DZH318Z0BQFL:0001:DZH318Z0BFL1";

    let result = buy(&testing::client(&emulator), emulator.customers()[0], fails_at_checkout).await;

    assert!(result.unwrap_err().to_string().starts_with("1 order group failed, 0 became orders; "));

    assert_eq!(emulator.counts().get("ordersPlaced"), None);
}

/// Compares each example's `use` lines and its item, character by character.
#[test]
fn the_readme_shows_what_runs_here() {
    let readme = include_str!("../../README.md");
    let source = include_str!("readme.rs");
    let examples: Vec<&str> =
        readme.split("```rust\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect();
    assert_eq!((examples.len(), readme.matches("```rust").count()), (2, 2), "every example is plain `rust`");
    for example in examples {
        let (uses, item) = example.split_once("\n\n").unwrap();
        for line in uses.lines() {
            assert!(source.contains(&format!("\n{line}\n")), "not declared in readme.rs: {line}");
        }
        assert!(source.contains(&format!("\n\n{item}")), "differs from readme.rs:\n{item}");
    }
}
