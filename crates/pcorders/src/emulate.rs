//! `pcorders emulate`: a stand-in for the service, for programs in any language.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use partner_center_emulator::{Emulator, EmulatorBuilder, Scenario};
use serde::Serialize;

use crate::output;

/// How often a changed state is saved.
const SAVE_EVERY: Duration = Duration::from_secs(1);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The port of loopback to listen on; 0 lets the system pick one
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
    /// Listen for https too, at a port that the system picks, with a certificate of its own (see `caFile`)
    #[arg(long)]
    tls: bool,
    /// Begin no JSON body with a byte order mark
    #[arg(long)]
    no_bom: bool,
    /// How many requests a tenant has in 60 seconds; 0 for no limit [default: 500]
    #[arg(long, value_name = "N")]
    rate: Option<u32>,
    /// Begin with the scenario in this file, if it is there, and keep the file up to date
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Add every exchange to this file as a line of JSON, with secrets and activation links masked
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

/// What a program needs to find its way: the first line on standard output.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Announcement {
    base_url: String,
    authority: String,
    tenant: String,
    client_id: String,
    client_secret: String,
    refresh_token: String,
    customers: Vec<String>,
    control_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_base_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_authority: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<PathBuf>,
}

impl Announcement {
    fn of(emulator: &Emulator) -> Self {
        Self {
            base_url: emulator.base_url().to_owned(),
            authority: emulator.authority().to_owned(),
            tenant: emulator.tenant().to_string(),
            client_id: emulator.client_id().to_string(),
            client_secret: emulator.client_secret().to_owned(),
            refresh_token: emulator.refresh_token().to_owned(),
            customers: emulator.customers().iter().map(ToString::to_string).collect(),
            control_url: emulator.control_url(),
            tls_base_url: emulator.tls_base_url().map(str::to_owned),
            tls_authority: emulator.tls_authority().map(str::to_owned),
            ca_file: emulator.ca_file().map(Path::to_owned),
        }
    }
}

/// Why the emulator can't be started, or its state can't be kept.
type Failure = Box<dyn std::error::Error>;

pub(crate) async fn run(arguments: Arguments) -> ExitCode {
    match emulate(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", with_causes(&*error));
            ExitCode::from(output::UNUSABLE)
        }
    }
}

async fn emulate(arguments: Arguments) -> Result<(), Failure> {
    // Whoever stops the emulator right after its first line must find the signals caught.
    let mut stop = Stop::new()?;
    let emulator = builder(&arguments)?.start().await?;
    let mut state = arguments.state.map(|path| State { path, saved_at: None });
    if let Some(state) = &mut state {
        state.save(&emulator)?;
    }
    let announcement = serde_json::to_string(&Announcement::of(&emulator))?;
    // Whoever closed the pipe may still send requests.
    let _ = output::print(&(announcement + "\n"));
    if io::stderr().is_terminal() {
        eprintln!("The emulator is at {}. Ctrl-C stops it.", emulator.base_url());
    }
    let mut complained = false;
    loop {
        let stopped = tokio::time::timeout(SAVE_EVERY, stop.wait()).await.is_ok();
        if let Some(state) = &mut state {
            match state.save(&emulator) {
                Err(error) if stopped => return Err(error),
                // It is tried again, and again at the end.
                Err(error) if !complained => {
                    eprintln!("error: {}", with_causes(&*error));
                    complained = true;
                }
                Err(_) => {}
                Ok(()) => complained = false,
            }
        }
        if stopped {
            return Ok(());
        }
    }
}

fn builder(arguments: &Arguments) -> Result<EmulatorBuilder, Failure> {
    let mut builder = Emulator::builder().port(arguments.port).configure(|settings| {
        settings.bom = !arguments.no_bom;
        settings.rate = arguments.rate.unwrap_or(settings.rate);
    });
    if arguments.tls {
        builder = builder.tls();
    }
    if let Some(path) = arguments.state.as_deref().filter(|path| path.exists()) {
        let scenario = Scenario::load(path).map_err(|error| format!("{}: {}", path.display(), with_causes(&error)))?;
        builder = builder.scenario(scenario);
    }
    if let Some(path) = &arguments.log {
        builder = builder.log_to(log_file(path).map_err(|error| format!("{}: {error}", path.display()))?);
    }
    Ok(builder)
}

fn log_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

/// The file in which the state is kept.
struct State {
    path: PathBuf,
    /// The emulator's count of changes when it was saved last.
    saved_at: Option<u64>,
}

impl State {
    /// Saves the state if something may have changed since.
    fn save(&mut self, emulator: &Emulator) -> Result<(), Failure> {
        // Counted first: what changes while the state is written is saved next time.
        let changes = emulator.changes();
        if self.saved_at != Some(changes) {
            let kept = emulator.scenario().save(&self.path);
            kept.map_err(|error| format!("{}: {}", self.path.display(), with_causes(&error)))?;
            self.saved_at = Some(changes);
        }
        Ok(())
    }
}

/// The signals that end the emulator in order.
struct Stop {
    #[cfg(unix)]
    interrupted: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminated: tokio::signal::unix::Signal,
}

impl Stop {
    #[cfg(unix)]
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupted: signal(SignalKind::interrupt())?, terminated: signal(SignalKind::terminate())? })
    }

    #[cfg(unix)]
    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupted.recv() => {}
            _ = self.terminated.recv() => {}
        }
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "as on other systems")]
    fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn wait(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// An error with its causes, in one line.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
