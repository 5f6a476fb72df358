//! TLS in programs that installed a crypto provider of their own, and in programs that installed none. A provider is installed
//! for the whole process, so each case runs in a process of its own.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::error::Error as _;
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};

use partner_center_emulator::Emulator;
use partner_center_orders::{BuildError, ClientSecret, PartnerCenter, PartnerCenterBuilder};
use rustls::crypto::{CryptoProvider, GetRandomFailed, SecureRandom, ring};
use test_support::program::one_test;
use tokio::io::AsyncReadExt as _;

/// Runs one of the cases below, all of which are ignored by default, in a process of its own.
#[track_caller]
fn in_its_own_process(case: &str) {
    let output = one_test(case).args(["--include-ignored", "--nocapture"]).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    assert!(printed.contains("1 passed"), "{printed}");
}

fn client(emulator: &Emulator) -> PartnerCenterBuilder {
    let (tenant, client_id) = (emulator.tenant().to_string(), emulator.client_id().to_string());
    PartnerCenter::builder()
        .base_url(format!("{}/v1", emulator.tls_base_url().unwrap()))
        .authority(emulator.tls_authority().unwrap())
        .credential(ClientSecret::new(tenant, client_id, emulator.client_secret().to_owned()))
        .configure_http(reqwest::ClientBuilder::no_proxy)
}

async fn list_over_https() {
    let emulator = Emulator::builder().tls().start().await.unwrap();
    let authority = fs::read(emulator.ca_file().unwrap()).unwrap();
    let partner = client(&emulator).add_root_certificates(authority).build().unwrap();

    let orders = partner.customer(emulator.customers()[0]).orders().list().await.unwrap();

    assert_eq!(orders.len(), 3);
}

#[test]
fn a_program_without_a_provider_can_use_https() {
    in_its_own_process("without_a_provider");
}

#[tokio::test]
#[ignore = "runs in a process of its own"]
async fn without_a_provider() {
    list_over_https().await;

    assert!(CryptoProvider::get_default().is_none(), "the client installs no provider");
}

#[test]
fn the_provider_that_a_program_installed_is_used() {
    in_its_own_process("with_a_provider");
}

/// Counts the random bytes that are drawn.
#[derive(Debug)]
struct Counting(AtomicU64);

static COUNTING: Counting = Counting(AtomicU64::new(0));

impl SecureRandom for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        self.0.fetch_add(1, Ordering::Relaxed);
        ring::default_provider().secure_random.fill(bytes)
    }
}

#[tokio::test]
#[ignore = "runs in a process of its own"]
async fn with_a_provider() {
    CryptoProvider { secure_random: &COUNTING, ..ring::default_provider() }.install_default().unwrap();

    list_over_https().await;

    assert!(COUNTING.0.load(Ordering::Relaxed) > 0);
}

#[test]
fn a_provider_that_cannot_be_used_is_an_error() {
    in_its_own_process("with_an_empty_provider");
}

#[test]
#[ignore = "runs in a process of its own"]
fn with_an_empty_provider() {
    CryptoProvider { cipher_suites: Vec::new(), ..ring::default_provider() }.install_default().unwrap();

    let error = PartnerCenter::builder().credential(ClientSecret::new("t", "c", "s")).build().unwrap_err();

    assert!(matches!(error, BuildError::Tls(_)), "{error:?}");
    assert_eq!(error.source().unwrap().to_string(), "the installed crypto provider supports no version of TLS");
}

#[tokio::test]
async fn an_authority_that_is_not_trusted_is_an_error_of_the_call() {
    let emulator = Emulator::builder().tls().start().await.unwrap();

    let error = client(&emulator).build().unwrap().sign_in().await.unwrap_err();

    let chain = std::iter::successors(error.source(), |error| (*error).source());
    let chain: Vec<_> = chain.map(ToString::to_string).collect();
    assert!(chain.iter().any(|cause| cause.contains("certificate")), "{error}: {chain:?}");
    assert_eq!(emulator.counts().get("requests").copied().unwrap_or_default(), 0);
}

#[test]
fn invalid_root_certificates_are_an_error_of_the_builder() {
    for (pem, problem) in [
        ("", "there is no root certificate in PEM form (-----BEGIN CERTIFICATE-----)"),
        ("-----BEGIN CERTIFICATE-----\n%\n-----END CERTIFICATE-----\n", "a root certificate is not valid PEM"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "a root certificate can't be used"),
    ] {
        let builder = PartnerCenter::builder().credential(ClientSecret::new("t", "c", "s"));
        let error = builder.add_root_certificates(pem).build().unwrap_err();
        assert_eq!(error.source().unwrap().to_string(), problem);
    }
}

/// The first bytes that a client sends: TLS's `ClientHello`, which names the versions of HTTP in clear text.
async fn client_hello(builder: PartnerCenterBuilder) -> Vec<u8> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let partner = builder.authority(format!("https://{}", listener.local_addr().unwrap())).build().unwrap();
    let heard = async {
        let mut connection = listener.accept().await.unwrap().0;
        let mut head = [0; 5];
        connection.read_exact(&mut head).await.unwrap();
        let mut greeting = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
        connection.read_exact(&mut greeting).await.unwrap();
        greeting
    };
    tokio::select! {
        greeting = heard => greeting,
        ended = partner.sign_in() => panic!("{ended:?}"),
    }
}

#[tokio::test]
async fn http_2_is_offered_unless_it_is_disabled() {
    let builder = || {
        let builder = PartnerCenter::builder().credential(ClientSecret::new("t.example", "c", "s"));
        builder.configure_http(reqwest::ClientBuilder::no_proxy)
    };
    let offers = |greeting: &[u8], version: &[u8]| greeting.windows(version.len()).any(|part| part == version);
    let both = client_hello(builder()).await;
    let first = client_hello(builder().http1_only()).await;

    assert!(offers(&both, b"\x02h2") && offers(&both, b"\x08http/1.1"));
    assert!(!offers(&first, b"\x02h2") && offers(&first, b"\x08http/1.1"));
}
