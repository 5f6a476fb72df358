//! Over loopback, a dropped client leaves no task, connection or file behind, however its calls ended.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeSet;
use std::fs;
use std::future::Future;
use std::sync::Mutex;
use std::time::Duration;

use partner_center_emulator::{Emulator, Fault, FaultKind, ResetPoint};
use partner_center_orders::types::AttachmentMetadata;
use partner_center_orders::{
    AttachmentFile, ClientSecret, ErrorKind, PartnerCenter, RetryPolicy, StaticToken, Upload, Uuid,
};
use tokio::io::AsyncReadExt as _;
use tokio::runtime::Runtime;

/// Open files are counted for the whole process, so only one test runs at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// The open files, sockets and pipes of the process, each with its file.
fn open() -> BTreeSet<String> {
    let links = fs::read_dir("/proc/self/fd").unwrap().filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
    // The folder that is being read is one of them.
    links.map(|link| link.display().to_string()).filter(|link| !link.ends_with("/fd")).collect()
}

/// Ends a test that hangs; nothing that is tested takes this long, even on the slowest machine.
const WATCHDOG: Duration = Duration::from_secs(600);

/// A time limit of the client that no call here reaches.
const UNLIMITED: Duration = Duration::from_secs(24 * 3600);

/// Waits until a condition is true, however long that takes.
async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waited = tokio::time::timeout(WATCHDOG, async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("{what}, still not so; open: {:#?}", open()));
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn client(emulator: &Emulator) -> PartnerCenter {
    let (tenant, client_id) = (emulator.tenant().to_string(), emulator.client_id().to_string());
    PartnerCenter::builder()
        .base_url(format!("{}/v1", emulator.base_url()))
        .authority(emulator.authority())
        .credential(ClientSecret::new(tenant, client_id, emulator.client_secret().to_owned()))
        .attempt_timeout(UNLIMITED)
        .deadline(UNLIMITED)
        .retry(RetryPolicy::default().initial_backoff(Duration::from_millis(5)))
        .configure_http(reqwest::ClientBuilder::no_proxy)
        .build()
        .unwrap()
}

/// Drops a call once the service has it and delays its response.
async fn drop_in_flight<T>(emulator: &Emulator, operation: &'static str, call: impl Future<Output = T>) {
    let faults = || emulator.counts()["faults"];
    let before = faults();
    let held = FaultKind::Timeout { effect: false, hold: UNLIMITED.as_secs_f64() };
    emulator.plan_fault(Fault::new(held).on(operation).times(1));
    tokio::select! {
        _ = call => panic!("{operation} ended, although its response is held back"),
        () = until("the service has the call", || faults() > before) => {}
    }
}

/// Makes calls that succeed, fail after faults, are rejected, end in the middle of a body, and are dropped in flight.
async fn live(emulator: &Emulator, partner: &PartnerCenter, customer: Uuid, file: &std::path::Path) {
    let orders = partner.customer(customer).orders();
    let listed = orders.list().await.unwrap();
    let mut some = orders.list().stream();
    some.next().await.unwrap().unwrap();
    let order = &listed.iter().next().unwrap().id;
    let upload = Upload::new(AttachmentMetadata::new("10", "EUR").is_part_of_tender(false));
    let taken_in =
        orders.attachments(order).upload(upload.purchase_order(AttachmentFile::from_path(file))).await.unwrap();
    let id = taken_in.iter().next().unwrap().attachment_id.clone().unwrap();
    let mut half = orders.attachments(order).download(id).await.unwrap().into_inner();
    half.chunk().await.unwrap();
    assert_eq!(orders.get("nowhere").await.unwrap_err().kind(), ErrorKind::NotFound);
    drop_in_flight(emulator, "list_orders", orders.list().send()).await;
    let many = (0..8).map(|_| orders.get(order).send());
    for order in futures_util::future::join_all(many).await {
        order.unwrap();
    }
}

#[test]
fn a_client_that_is_dropped_leaves_no_task_connection_or_file() {
    let _alone = ALONE.lock();
    let (service, callers) = (runtime(), runtime());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("purchase-order.txt");
    fs::write(&file, "one page").unwrap();
    let emulator = service.block_on(Emulator::builder().start()).unwrap();
    let customer = emulator.customers()[0];
    let before = open();

    let faults = [
        FaultKind::Reset { at: ResetPoint::Before, effect: false },
        FaultKind::Reset { at: ResetPoint::During, effect: true },
        FaultKind::Truncate { keep: None },
        FaultKind::Garble,
        FaultKind::status(503),
    ];
    let planned = faults.len() as u64;
    for kind in faults {
        emulator.plan_fault(Fault::new(kind).on("get_order").times(1));
    }
    callers.block_on(async {
        let partner = client(&emulator);
        live(&emulator, &partner, customer, &file).await;
        // And the one that held a response back.
        assert_eq!(emulator.counts()["faults"], planned + 1);
        assert!(open().len() > before.len(), "a client in use has connections");
        drop(partner);
        until("no task is left", || callers.metrics().num_alive_tasks() == 0).await;
        until("all is closed", || open() == before).await;
    });

    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, [file]);
}

/// Drops a call once it has reached the service, and returns what the service then reads from the connection.
async fn cut_off<T>(call: impl Future<Output = T>, listener: &tokio::net::TcpListener) -> usize {
    let heard = async {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut first = [0; 4];
        connection.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"GET ");
        connection
    };
    let mut connection = tokio::select! {
        _ = call => panic!("the call ended without a response"),
        connection = heard => connection,
    };
    connection.read_to_end(&mut Vec::new()).await.unwrap()
}

async fn dropped_call() -> usize {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let partner = PartnerCenter::builder()
        .base_url(format!("http://{}/v1", listener.local_addr().unwrap()))
        .credential(StaticToken::new("token"))
        .attempt_timeout(UNLIMITED)
        .deadline(UNLIMITED)
        .configure_http(reqwest::ClientBuilder::no_proxy)
        .build()
        .unwrap();
    let customer = partner.customer(Uuid::from_u128(1));
    cut_off(customer.orders().get("o-1").send(), &listener).await
}

#[test]
fn a_call_that_is_dropped_closes_its_connection() {
    let _alone = ALONE.lock();
    let read = runtime().block_on(async { tokio::time::timeout(WATCHDOG, dropped_call()).await });

    assert!(read.expect("the connection is closed") > 0);
}
