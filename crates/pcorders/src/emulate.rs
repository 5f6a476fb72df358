//! `pcorders emulate`: the simulated service, for programs in any language.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use miette::{Context as _, IntoDiagnostic as _};
use partner_center_emulator::{CheckedResponse, Emulator, Scenario, ScenarioError};
use partner_center_orders_schema::{Code, Escaped, Operation, Validator};
use serde::Serialize;

use crate::output;

/// The interval at which a changed state is saved, so that a killed program loses little.
const SAVE_INTERVAL: Duration = Duration::from_secs(2);

/// How the emulator runs. All other settings are changed while it runs, at the control URL.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The loopback port to listen on; 0 for one that the system chooses.
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
    /// Listens for HTTPS, too, on a port that the system chooses, and writes the certificate to trust to a file.
    #[arg(long)]
    tls: bool,
    /// Leaves out the UTF-8 byte order mark before JSON bodies of the API.
    #[arg(long)]
    no_bom: bool,
    /// The requests that a tenant may send per minute; 0 for no limit. Documented for orders: 500.
    #[arg(long, value_name = "N")]
    rate: Option<u32>,
    /// Starts with the state in this file, if it exists, and saves the state to it.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Writes every exchange to this file as a line of JSON, secrets masked. The file is overwritten.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Adds a customer with fictional orders that are derived from this number.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Validates every response against the contract, strictly but for unknown members, which are returned as clients sent
    /// them. Departures are listed at the control URL under `violations`, and the exit code is 1.
    #[arg(long)]
    check: bool,
}

/// The addresses and credentials for a client: the first line of standard output.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Address<'a> {
    base_url: &'a str,
    authority: &'a str,
    tenant: String,
    tenant_domains: &'a [String],
    client_id: String,
    client_secret: &'a str,
    refresh_token: &'a str,
    customers: Vec<String>,
    control_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_base_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_authority: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<&'a Path>,
}

pub(crate) async fn run(arguments: Arguments) -> ExitCode {
    match emulate(arguments).await {
        Ok(code) => code,
        Err(report) => {
            eprintln!("{report:?}");
            ExitCode::from(output::UNUSABLE)
        }
    }
}

async fn emulate(arguments: Arguments) -> miette::Result<ExitCode> {
    let state = arguments.state.clone();
    let log = arguments.log.as_deref().map(LogFile::create).transpose()?;
    let log_failed = log.as_ref().map(|log| Arc::clone(&log.failed));
    // From here on a signal ends the program in order, even before the address is printed.
    let mut end = std::pin::pin!(end_signal()?);
    let emulator = start(arguments, log).await?;
    announce(&emulator)?;
    let mut saved = emulator.changes();
    let mut failure_reported = false;
    loop {
        tokio::select! {
            () = &mut end => break,
            () = tokio::time::sleep(SAVE_INTERVAL), if state.is_some() => {}
        }
        let changes = emulator.changes();
        if changes != saved {
            // The emulator keeps running: the next attempt may succeed.
            match save(&emulator, state.as_deref()) {
                Ok(()) => saved = changes,
                Err(report) if !failure_reported => {
                    eprintln!("{report:?}");
                    failure_reported = true;
                }
                Err(_) => {}
            }
        }
    }
    save(&emulator, state.as_deref())?;
    let violations = emulator.violations();
    for violation in &violations {
        eprintln!("outside the contract: {violation}");
    }
    if log_failed.is_some_and(|failed| failed.load(Ordering::SeqCst)) {
        return Err(miette::miette!("the log is incomplete"));
    }
    Ok(ExitCode::from(if violations.is_empty() { output::VALID } else { output::FINDINGS }))
}

/// The log file. The emulator responds whether or not it can be written; the first failure is reported immediately.
struct LogFile {
    file: File,
    name: String,
    failed: Arc<AtomicBool>,
    /// Whether the last line is cut off.
    is_cut: bool,
}

impl LogFile {
    /// Truncates the file, or creates one that only its owner can read.
    fn create(path: &Path) -> miette::Result<Self> {
        let name = Escaped(path.display()).to_string();
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).into_diagnostic().wrap_err_with(|| format!("can't write {name}"))?;
        Ok(Self { file, name, failed: Arc::default(), is_cut: false })
    }

    fn note<T>(&mut self, outcome: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &outcome
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.is_cut = true;
            if !self.failed.swap(true, Ordering::SeqCst) {
                eprintln!("can't write the log to {}: {error}", self.name);
            }
        }
        outcome
    }
}

impl Write for LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.is_cut {
            // The next record starts on a line of its own.
            let ended = self.file.write_all(b"\n");
            self.note(ended)?;
            self.is_cut = false;
        }
        let written = self.file.write(line);
        self.note(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.file.flush();
        self.note(flushed)
    }
}

async fn start(arguments: Arguments, log: Option<LogFile>) -> miette::Result<Emulator> {
    let mut builder = Emulator::builder().port(arguments.port).configure(|settings| {
        settings.bom = !arguments.no_bom;
        settings.rate = arguments.rate.unwrap_or(settings.rate);
    });
    if arguments.tls {
        builder = builder.tls();
    }
    if let Some(seed) = arguments.seed {
        builder = builder.seed(seed);
    }
    if let Some(path) = &arguments.state {
        match Scenario::load(path) {
            Ok(scenario) => builder = builder.scenario(scenario),
            Err(ScenarioError::File(error)) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(error)
                    .into_diagnostic()
                    .wrap_err_with(|| format!("can't load the state {}", Escaped(path.display())));
            }
        }
    }
    if let Some(log) = log {
        builder = builder.log_to(log);
    }
    if arguments.check {
        builder = builder.check_responses(check);
    }
    builder.start().await.into_diagnostic()
}

/// Validates a response against the contract, strictly but for unknown members: the emulator returns those of requests.
fn check(response: &CheckedResponse<'_>) -> Result<(), String> {
    let operation = Operation::named(response.operation).map_err(|unknown| unknown.to_string())?;
    if !operation.responds_with(response.status) {
        return Err("the contract doesn't list this status".to_owned());
    }
    let Some(schema) = operation.response(response.status) else { return Ok(()) };
    match Validator::new(schema).response().strict().validate(response.body) {
        Ok(report) if report.findings.iter().all(|finding| finding.code == Code::UnknownMember) => Ok(()),
        Ok(report) => Err(report.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

fn announce(emulator: &Emulator) -> miette::Result<()> {
    let address = Address {
        base_url: emulator.base_url(),
        authority: emulator.authority(),
        tenant: emulator.tenant().to_string(),
        tenant_domains: emulator.tenant_domains(),
        client_id: emulator.client_id().to_string(),
        client_secret: emulator.client_secret(),
        refresh_token: emulator.refresh_token(),
        customers: emulator.customers().iter().map(ToString::to_string).collect(),
        control_url: emulator.control_url(),
        tls_base_url: emulator.tls_base_url(),
        tls_authority: emulator.tls_authority(),
        ca_file: emulator.ca_file(),
    };
    let line = serde_json::to_string(&address).into_diagnostic()?;
    output::print(&(line + "\n")).into_diagnostic().wrap_err("can't print the address of the emulator")
}

fn save(emulator: &Emulator, state: Option<&Path>) -> miette::Result<()> {
    match state {
        None => Ok(()),
        Some(path) => emulator
            .scenario()
            .save(path)
            .into_diagnostic()
            .wrap_err_with(|| format!("can't save the state to {}", Escaped(path.display()))),
    }
}

/// Completes at a signal to end the program. Listens from the call on, not from the first poll.
#[cfg(unix)]
fn end_signal() -> miette::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).into_diagnostic()?;
    let mut terminate = signal(SignalKind::terminate()).into_diagnostic()?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn end_signal() -> miette::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Signals can't be received: run until killed.
            std::future::pending().await
        }
    })
}
