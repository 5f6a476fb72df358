//! Runs every example against the emulator, as its users would.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use partner_center_emulator::Emulator;
use test_support::program::program;

const RESERVATION: &str = "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1";
const NEW_COMMERCE: &str = "CFQ7TTC0LDPB:0001:CFQ7TTC0QNPW";

/// The folder of the examples, which are built if this test is run without them.
fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let folder = test.parent().unwrap().parent().unwrap().join("examples");
        if !folder.join(name("blocking")).exists() {
            let arguments = ["build", "--quiet", "--examples", "--package", env!("CARGO_PKG_NAME")];
            assert!(Command::new(env!("CARGO")).args(arguments).status().unwrap().success());
        }
        folder
    })
}

fn name(example: &str) -> String {
    format!("{example}{}", std::env::consts::EXE_SUFFIX)
}

/// The output of an example, run against this emulator as an app, or as an app with a user.
async fn run(example: &str, emulator: &Emulator, as_user: bool, arguments: &[&str]) -> String {
    let mut command = program(folder().join(name(example)));
    command
        .args(arguments)
        .env("PARTNER_CENTER_BASE_URL", format!("{}/v1", emulator.base_url()))
        .env("PARTNER_CENTER_AUTHORITY", emulator.authority())
        .env("PARTNER_CENTER_TENANT_ID", emulator.tenant().to_string())
        .env("PARTNER_CENTER_CLIENT_ID", emulator.client_id().to_string())
        .env("PARTNER_CENTER_CLIENT_SECRET", emulator.client_secret());
    if as_user {
        command.env("PARTNER_CENTER_REFRESH_TOKEN", emulator.refresh_token());
    }
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let (printed, complained) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{example}: {printed}{complained}");
    printed
}

async fn emulator() -> (Emulator, String) {
    let emulator = Emulator::builder().start().await.unwrap();
    let customer = emulator.customers()[0].to_string();
    (emulator, customer)
}

#[tokio::test]
async fn read_orders() {
    let (emulator, customer) = emulator().await;
    let printed = run("read_orders", &emulator, false, &[&customer]).await;
    assert!(printed.starts_with("3 orders"), "{printed}");
    assert!(printed.contains(RESERVATION) && printed.contains("as expected: get_order failed: 404"), "{printed}");
}

#[tokio::test]
async fn order_through_cart_then_wait_then_cancel() {
    let (emulator, customer) = emulator().await;

    let printed = run("order_through_cart", &emulator, false, &[&customer, NEW_COMMERCE]).await;
    let order = printed.lines().find_map(|line| line.strip_prefix("ordered ")).unwrap_or_else(|| panic!("{printed}"));
    let order = order.split(' ').next().unwrap();

    emulator.clock().advance(std::time::Duration::from_secs(60));
    let printed = run("wait_for_provisioning", &emulator, true, &[&customer, order]).await;
    assert!(printed.contains("0 activation links"), "{printed}");

    let printed = run("cancel_order", &emulator, false, &[&customer, order]).await;
    assert!(printed.contains("is Deleted"), "{printed}");
}

#[tokio::test]
async fn reconcile_customers() {
    let (emulator, customer) = emulator().await;
    let stranger = "00000000-0000-0000-0000-000000000007";
    let printed = run("reconcile_customers", &emulator, false, &[&customer, stranger]).await;
    assert_eq!(printed, format!("{customer}: 3 orders, 1 pending\n{stranger}: has left\n"));
}

#[tokio::test]
async fn own_credential() {
    let (emulator, customer) = emulator().await;
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=https://api.partnercenter.microsoft.com/.default",
        emulator.client_id(),
        emulator.client_secret()
    );
    let http = partner_center_orders::api::runtime::HttpTransport::http_client().no_proxy().build().unwrap();
    let address = format!("{}/{}/oauth2/v2.0/token", emulator.authority(), emulator.tenant());
    let request = http.post(address).header("content-type", "application/x-www-form-urlencoded").body(form);
    let response: serde_json::Value =
        serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap();
    let token = response["access_token"].as_str().unwrap();
    let command: &[&str] = if cfg!(windows) { &["cmd", "/C", "echo", token] } else { &["echo", token] };

    let printed = run("own_credential", &emulator, false, &[&[customer.as_str()], command].concat()).await;

    assert_eq!(printed, "3 orders\n");
}

#[tokio::test]
async fn blocking() {
    let (emulator, customer) = emulator().await;
    let printed = run("blocking", &emulator, false, &[&customer]).await;
    assert!(printed.lines().any(|line| line == RESERVATION), "{printed}");
}

#[tokio::test]
async fn traces() {
    let (emulator, customer) = emulator().await;
    let printed = run("traces", &emulator, false, &[&customer]).await;
    for part in ["GET /customers/{customer_id}/orders", "http.response.status_code", "partner_center.request_id"] {
        assert!(printed.contains(part), "{part} in {printed}");
    }
    assert!(!printed.contains(&customer), "{printed}");
}

/// The tests above run each example by name: a new one without a test would never run.
#[test]
fn every_example_is_run_here() {
    let tests = include_str!("examples.rs");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut examples = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let example = path.file_stem().unwrap().to_str().unwrap();
        assert!(tests.contains(&format!("run(\"{example}\",")), "no test runs the example {example}");
        examples += 1;
    }
    assert!(examples > 0, "there are no examples");
}
