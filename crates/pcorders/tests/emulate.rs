//! `pcorders emulate` as a program: its output, options and exit codes.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use reqwest::blocking::{Client, Response};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use test_support::program::program;

const DOCUMENTED: &str = "b0d70a69-4c42-4b27-b17b-91a835d8686a";
const MAIL: &str = "CFQ7TTC0LH16:0001:CFQ7TTC0K0QX";

/// Returns a client that trusts these authorities, with its own crypto provider and without proxy or timeout.
fn client(authorities: RootCertStore) -> Client {
    let tls = ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(authorities)
        .with_no_client_auth();
    Client::builder().no_proxy().timeout(None::<Duration>).tls_backend_preconfigured(tls).build().unwrap()
}

/// A running emulator with the first line of its standard output.
struct Running {
    program: Child,
    address: Value,
    client: Client,
}

impl Running {
    fn start(options: &[&str]) -> Self {
        Self::try_start(options).unwrap_or_else(|stderr| panic!("it doesn't start: {stderr}"))
    }

    /// Starts it; returns its standard error if it exits instead of printing its address.
    fn try_start(options: &[&str]) -> Result<Self, String> {
        let mut program = program(env!("CARGO_BIN_EXE_pcorders"))
            .arg("emulate")
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(program.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        if line.is_empty() {
            let output = program.wait_with_output().unwrap();
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let address = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Ok(Self { program, address, client: client(RootCertStore::empty()) })
    }

    fn text(&self, member: &str) -> &str {
        self.address[member].as_str().unwrap_or_else(|| panic!("no {member} in {}", self.address))
    }

    fn token(&self) -> String {
        self.token_of(self.text("tenant"))
    }

    /// Returns a token that is requested with this id or domain of the tenant.
    fn token_of(&self, tenant: &str) -> String {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", self.text("clientId")),
            ("client_secret", self.text("clientSecret")),
            ("refresh_token", self.text("refreshToken")),
            ("scope", "https://api.partnercenter.microsoft.com/.default"),
        ];
        let address = format!("{}/{tenant}/oauth2/v2.0/token", self.text("authority"));
        let token: Value = self.client.post(address).form(&form).send().unwrap().json().unwrap();
        token["access_token"].as_str().unwrap_or_else(|| panic!("{token}")).to_owned()
    }

    fn orders(&self) -> String {
        format!("{}/v1/customers/{DOCUMENTED}/orders", self.text("baseUrl"))
    }

    fn list(&self) -> Response {
        self.client.get(self.orders()).bearer_auth(self.token()).send().unwrap()
    }

    fn create_order(&self) -> String {
        let body = json!({"lineItems": [{"lineItemNumber": 0, "offerId": MAIL, "quantity": 1}]});
        let response = self.client.post(self.orders()).bearer_auth(self.token()).json(&body).send().unwrap();
        assert_eq!(response.status(), 201);
        json_of(response)["id"].as_str().unwrap().to_owned()
    }

    /// Stops it with this signal, as Ctrl-C (`INT`) or a service manager (`TERM`) does; returns exit status and standard error.
    fn end(mut self, signal: &str) -> (ExitStatus, String) {
        let id = self.program.id().to_string();
        assert!(Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success());
        let status = self.program.wait().unwrap();
        let mut stderr = String::new();
        for line in BufReader::new(self.program.stderr.take().unwrap()).lines() {
            stderr += &line.unwrap();
        }
        (status, stderr)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has already exited if the test succeeded.
        let _ = self.program.kill();
    }
}

fn json_of(response: Response) -> Value {
    let content = response.bytes().unwrap();
    serde_json::from_slice(content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&content)).unwrap()
}

fn path(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

#[test]
fn the_first_line_has_all_that_a_client_needs() {
    let running = Running::start(&[]);
    assert_eq!(running.address["customers"][0], DOCUMENTED);
    assert_eq!(running.text("controlUrl"), format!("{}/control", running.text("baseUrl")));
    assert!(running.address.get("tlsBaseUrl").is_none() && running.address.get("caFile").is_none());
    for domain in running.address["tenantDomains"].as_array().unwrap() {
        assert!(!running.token_of(domain.as_str().unwrap()).is_empty());
    }
    let list = running.list();
    assert_eq!(list.headers()["content-type"], "application/json; charset=utf-8");
    let list = json_of(list);
    assert_eq!(
        (&list["totalCount"], &list["items"][0]["id"]),
        (&json!(3), &json!("YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1"))
    );
    let (status, stderr) = running.end("INT");
    assert_eq!((status.code(), stderr.as_str()), (Some(0), ""));
}

#[test]
fn it_listens_on_the_given_port() {
    // Another program may take the port in the meantime: then the next one is tried.
    let (running, free) = loop {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        match Running::try_start(&["--port", &free]) {
            Ok(running) => break (running, free),
            Err(stderr) => assert!(stderr.contains("can't listen"), "{stderr}"),
        }
    };
    assert_eq!(running.text("baseUrl"), format!("http://127.0.0.1:{free}"));
    let second = program(env!("CARGO_BIN_EXE_pcorders")).args(["emulate", "--port", &free]).output().unwrap();
    assert_eq!((second.status.code(), second.stdout.as_slice()), (Some(2), &b""[..]));
    assert!(String::from_utf8_lossy(&second.stderr).contains("can't listen"));
}

#[test]
fn the_byte_order_mark_can_be_left_out() {
    assert!(Running::start(&[]).list().bytes().unwrap().starts_with(b"\xef\xbb\xbf{"));
    assert!(Running::start(&["--no-bom"]).list().bytes().unwrap().starts_with(b"{"));
}

#[test]
fn the_rate_can_be_set() {
    let running = Running::start(&["--rate", "2"]);
    let settings = running.client.get(format!("{}/settings", running.text("controlUrl"))).send().unwrap();
    assert_eq!(json_of(settings)["rate"], 2);
    // However slow they are, at some time three of them are sent in one minute.
    let statuses = std::iter::repeat_with(|| running.list().status().as_u16());
    let rejected = statuses.enumerate().find(|(_, status)| *status != 200).unwrap();
    assert!(rejected.0 >= 2 && rejected.1 == 429, "{rejected:?}");
}

#[test]
fn https_is_offered_with_the_certificate_to_trust() {
    let mut running = Running::start(&["--tls"]);
    let file = running.text("caFile").to_owned();
    let mut authorities = RootCertStore::empty();
    authorities.add(CertificateDer::from_pem_file(&file).unwrap()).unwrap();
    running.client = client(authorities);
    for (secure, plain) in [("tlsBaseUrl", "baseUrl"), ("tlsAuthority", "authority")] {
        assert!(running.text(secure).starts_with("https://"));
        running.address[plain] = running.address[secure].clone();
    }
    assert_eq!(json_of(running.list())["totalCount"], 3);
    running.end("INT");
    assert!(!Path::new(&file).exists());
}

#[test]
fn the_state_is_kept_across_runs() {
    let folder = tempfile::tempdir().unwrap();
    let state = path(&folder, "state.json");
    for (round, signal) in ["INT", "TERM"].into_iter().enumerate() {
        let running = Running::start(&["--state", &state]);
        assert_eq!(json_of(running.list())["totalCount"], json!(3 + round));
        running.create_order();
        assert_eq!(running.end(signal).0.code(), Some(0));
    }
    let saved: Value = serde_json::from_slice(&fs::read(&state).unwrap()).unwrap();
    assert_eq!(saved["customers"][0]["orders"].as_array().unwrap().len(), 5);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no other file is left");
}

#[test]
fn an_invalid_state_is_rejected_and_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let state = path(&folder, "state.json");
    fs::write(&state, "{}").unwrap();
    let rejected = program(env!("CARGO_BIN_EXE_pcorders")).args(["emulate", "--state", &state]).output().unwrap();
    assert_eq!(rejected.status.code(), Some(2));
    assert_eq!(fs::read_to_string(&state).unwrap(), "{}");
}

#[test]
fn the_log_has_every_exchange_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let log = path(&folder, "log.ndjson");
    let running = Running::start(&["--log", &log]);
    let token = running.token();
    let saas =
        json!({"lineItems": [{"lineItemNumber": 0, "offerId": "DZH318Z0BXWC:0002:DZH318Z0BMRV", "quantity": 1}]});
    let placed = running.client.post(running.orders()).bearer_auth(&token).json(&saas).send().unwrap();
    let placed = json_of(placed)["id"].as_str().unwrap().to_owned();
    let clock = format!("{}/clock", running.text("controlUrl"));
    assert_eq!(running.client.post(clock).json(&json!({"advance": 60})).send().unwrap().status(), 200);
    let links = format!("{}/{placed}/activationlinks", running.orders());
    let links = json_of(running.client.get(links).bearer_auth(&token).send().unwrap());
    let link = links["items"][0]["link"]["uri"].as_str().unwrap().to_owned();
    let secrets = [token, link, running.text("clientSecret").to_owned(), running.text("refreshToken").to_owned()];
    running.end("INT");

    let log = fs::read_to_string(&log).unwrap();
    let operations: Vec<Value> =
        log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["operation"].clone()).collect();
    assert_eq!(operations, ["token", "create_order", "list_order_activation_links"]);
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret}");
    }
    let conform = program(env!("CARGO_BIN_EXE_pcorders")).args(["conform", &path(&folder, "log.ndjson")]).output();
    let conform = conform.unwrap();
    let stdout = String::from_utf8_lossy(&conform.stdout);
    assert!(conform.status.success() && stdout.contains("3 exchanges"), "{stdout}");
}

#[test]
fn responses_can_be_validated_against_the_contract() {
    let running = Running::start(&["--check"]);
    running.list();
    let violations = running.client.get(format!("{}/violations", running.text("controlUrl"))).send().unwrap();
    assert_eq!(json_of(violations), json!([]));
    assert_eq!(running.end("INT").0.code(), Some(0));

    let running = Running::start(&["--check"]);
    let odd =
        json!({"id": "0123456789ab", "lineItems": [], "creationDate": "2022-09-14T08:00:00Z", "status": "painted"});
    let address = format!("{}/customers/{DOCUMENTED}/orders", running.text("controlUrl"));
    assert_eq!(running.client.post(address).json(&odd).send().unwrap().status(), 200);
    running.list();
    let (status, stderr) = running.end("INT");
    assert_eq!(status.code(), Some(1));
    assert!(stderr.contains("painted"), "{stderr}");
}

#[test]
fn a_seed_adds_a_fictional_customer() {
    let first = Running::start(&["--seed", "42"]);
    assert_eq!(first.address["customers"].as_array().unwrap().len(), 3);
    assert_eq!(first.address["customers"], Running::start(&["--seed", "42"]).address["customers"]);
}

/// Reads standard error up to a line with this text.
fn await_text(stderr: &mut impl std::io::BufRead, text: &str) {
    for line in stderr.lines() {
        if line.unwrap().contains(text) {
            return;
        }
    }
    panic!("{text:?} is never reported");
}

#[cfg(unix)]
#[test]
fn a_state_that_can_t_be_saved_is_reported_and_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let mut running = Running::start(&["--state", &inner.join("state.json").display().to_string()]);
    // As with a full disk, nothing can be written any more.
    fs::remove_dir_all(&inner).unwrap();
    running.create_order();
    let mut stderr = BufReader::new(running.program.stderr.take().unwrap());
    await_text(&mut stderr, "can't save the state to");
    assert_eq!(json_of(running.list())["totalCount"], 4);
    assert!(Command::new("kill").args(["-INT", &running.program.id().to_string()]).status().unwrap().success());
    assert_eq!(running.program.wait().unwrap().code(), Some(2));

    // A state that can be written again is saved at the end.
    let state = inner.join("state.json");
    let mut running = Running::start(&["--state", &state.display().to_string()]);
    running.create_order();
    let mut stderr = BufReader::new(running.program.stderr.take().unwrap());
    await_text(&mut stderr, "can't save the state to");
    fs::create_dir(&inner).unwrap();
    assert!(Command::new("kill").args(["-INT", &running.program.id().to_string()]).status().unwrap().success());
    assert_eq!(running.program.wait().unwrap().code(), Some(0));
    assert!(state.is_file());
}

#[cfg(target_os = "linux")]
#[test]
fn a_log_that_can_t_be_written_is_reported_and_stops_nothing() {
    let running = Running::start(&["--log", "/dev/full"]);
    assert_eq!(json_of(running.list())["totalCount"], 3);
    running.create_order();
    let (status, stderr) = running.end("INT");
    assert_eq!(status.code(), Some(2));
    assert_eq!(stderr.matches("can't write the log to /dev/full").count(), 1, "{stderr}");
}

#[cfg(unix)]
#[test]
fn files_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let (state, log) = (path(&folder, "state.json"), path(&folder, "log.ndjson"));
    let elsewhere = folder.path().join("elsewhere");
    fs::write(&elsewhere, "mine").unwrap();
    std::os::unix::fs::symlink(&elsewhere, folder.path().join("state.json.new")).unwrap();
    let running = Running::start(&["--state", &state, "--log", &log]);
    running.create_order();
    assert_eq!(running.end("INT").0.code(), Some(0));
    for file in [&state, &log] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{file}");
    }
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "mine");
}

#[cfg(unix)]
#[test]
fn a_state_in_a_pipe_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = path(&folder, "pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let rejected = Command::new(env!("CARGO_BIN_EXE_pcorders")).args(["emulate", "--state", &pipe]).output().unwrap();
    assert_eq!(rejected.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&rejected.stderr).contains("not a regular file"));
}
