//! The proxy of the environment is not used: the emulator is on this machine.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::net::TcpListener;
use std::process::Command;
use std::thread;

use partner_center_emulator::Emulator;
use partner_center_testing as testing;

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
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    // It closes every connection, so that no request succeeds through it.
    thread::spawn(move || proxy.incoming().for_each(drop));
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "lists_orders"]);
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        child.env(name, &address).env(name.to_uppercase(), &address);
    }
    for name in ["no_proxy", "NO_PROXY", "REQUEST_METHOD"] {
        child.env_remove(name);
    }

    let output = child.output().unwrap();

    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "the child ran another number of tests");
}
