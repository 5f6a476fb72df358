//! The proxy of the environment is not used: the emulator is on this machine.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use partner_center_emulator::Emulator;
use partner_center_testing as testing;
use test_support::program::one_test;
use test_support::proxy::Proxy;

/// Runs by itself, and again in a process whose environment names a proxy.
#[test]
fn lists_orders() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let listed = runtime.block_on(async {
        let emulator = Emulator::start().await.unwrap();
        let partner = testing::client(&emulator);
        partner.customer(emulator.customers()[0]).orders().list().await.unwrap().len()
    });
    assert_eq!(listed, 3);
}

#[test]
fn the_proxy_of_the_environment_is_not_used() {
    let proxy = Proxy::new();
    let mut child = one_test("lists_orders");
    proxy.set_for(&mut child);

    let output = child.output().unwrap();

    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "the child ran another number of tests");
    assert_eq!(proxy.received(), [""; 0]);
}
