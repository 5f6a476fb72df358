//! The program behind `cargo xtask growth`: how time and memory grow with the contract.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use clap::Parser;
use contract::scale::scaled;
use contract::{CONTRACT, ERROR_CODES, command, edit, load};
use contract_codegen::pipeline;
use contract_diff::{Contract, compare};
use contract_lint::{Scope, comparable, lint};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The size that the limits are set for.
const OPERATIONS: usize = 300;
const SCHEMAS: usize = 600;
/// Reading, linting, lowering, generating and polishing a contract of that size.
const GENERATE_LIMIT: Duration = Duration::from_secs(2);
const MEMORY_LIMIT_MIB: u64 = 500;
/// Comparing two contracts of that size.
const DIFF_LIMIT: Duration = Duration::from_secs(1);
/// How much longer one operation may take in the largest contract than in the smallest.
const LINEAR: f64 = 2.0;

/// Measures how long contracts of growing size take, and how much memory.
#[derive(Debug, Parser)]
struct Arguments {
    /// Operations of the largest contract.
    #[arg(long, default_value_t = OPERATIONS)]
    operations: usize,
    /// Schemas of the largest contract.
    #[arg(long, default_value_t = SCHEMAS)]
    schemas: usize,
    /// Writes the largest contract to this file, and measures nothing.
    #[arg(long)]
    write: Option<PathBuf>,
    /// Measures this contract in this process, and prints the result as JSON.
    #[arg(long, hide = true)]
    measure: Option<PathBuf>,
    /// What cargo gives every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What one contract took.
#[derive(Debug, Deserialize, Serialize)]
struct Measurement {
    /// The steps of generation, in seconds.
    steps: Vec<(String, f64)>,
    /// Comparing it with another version of itself, without reading the two, and reading both.
    diff: f64,
    read_both: f64,
    /// Changes found.
    changes: usize,
    /// The most memory that was in use, in MiB, where the system reports it: for generation, and with the comparison.
    memory: Option<u64>,
}

impl Measurement {
    fn generation(&self) -> f64 {
        self.steps.iter().map(|(_, seconds)| seconds).sum()
    }
}

/// Nothing could be measured.
#[derive(Debug, thiserror::Error)]
enum GrowthError {
    #[error("can't read or write {path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("the contract can't be used:\n{0}")]
    Contract(String),
    #[error(transparent)]
    Pipeline(#[from] pipeline::PipelineError),
    #[error("the measuring process failed: {0}")]
    Process(String),
    #[error(transparent)]
    Failed(#[from] command::Failed),
}

/// Measures and shows the growth; fails where a limit is passed.
fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("."));
    command::exit_code(try_run(root, &Arguments::parse()))
}

fn try_run(root: &Path, arguments: &Arguments) -> Result<bool, GrowthError> {
    if let Some(file) = &arguments.measure {
        let measured = measure(root, file)?;
        println!("{}", serde_json::to_string(&measured).map_err(|error| GrowthError::Process(error.to_string()))?);
        return Ok(true);
    }
    let contract =
        load::load(&root.join(CONTRACT)).map_err(|report| GrowthError::Contract(report.to_string()))?.to_json();
    let grown =
        |part: usize| edit::to_yaml(&scaled(&contract, arguments.operations * part / 4, arguments.schemas * part / 4));
    if let Some(path) = &arguments.write {
        return write(path, &grown(4)).map(|()| true);
    }
    let folder = tempfile::tempdir().map_err(|source| GrowthError::File { path: std::env::temp_dir(), source })?;
    let mut measurements = Vec::new();
    println!(
        "| operations | schemas | read | lint | lower | generate | polish | rest | all | MiB | diff |\n|---|---|---|---|---|---|---|---|---|---|---|"
    );
    for part in [1, 2, 4] {
        let path = folder.path().join(format!("contract-{part}.yaml"));
        write(&path, &grown(part))?;
        let measured = in_own_process(root, &path)?;
        let step = |name: &str| {
            measured.steps.iter().filter(|(step, _)| step == name).map(|(_, seconds)| seconds).sum::<f64>()
        };
        println!(
            "| {} | {} | {:.2} s | {:.2} s | {:.2} s | {:.2} s | {:.2} s | {:.2} s | {:.2} s | {} | {:.2} s |",
            arguments.operations * part / 4,
            arguments.schemas * part / 4,
            step("read"),
            step("lint"),
            step("lower"),
            step("generate"),
            step("polish"),
            step("print") + step("wait"),
            measured.generation(),
            measured.memory.map_or_else(|| "?".to_owned(), |mib| mib.to_string()),
            measured.diff + measured.read_both,
        );
        measurements.push((part, measured));
    }
    Ok(print_limits(&measurements))
}

/// Prints which limits are kept, and returns whether all are.
fn print_limits(measurements: &[(usize, Measurement)]) -> bool {
    let (Some((least, smallest)), Some((most, largest))) = (measurements.first(), measurements.last()) else {
        return false;
    };
    #[expect(clippy::cast_precision_loss, reason = "the parts are 1 and 4")]
    let factor = largest.generation() / smallest.generation() / (*most as f64 / *least as f64);
    let limits = [
        (
            largest.generation() < GENERATE_LIMIT.as_secs_f64(),
            format!("generation under {} s", GENERATE_LIMIT.as_secs()),
        ),
        (largest.memory.is_none_or(|mib| mib < MEMORY_LIMIT_MIB), format!("memory under {MEMORY_LIMIT_MIB} MiB")),
        (
            largest.diff + largest.read_both < DIFF_LIMIT.as_secs_f64(),
            format!("diff under {} s, with {} changes found", DIFF_LIMIT.as_secs(), largest.changes),
        ),
        (factor < LINEAR, format!("time per operation grows by a factor of {factor:.2}, under {LINEAR}")),
    ];
    println!();
    for (kept, limit) in &limits {
        println!("{}: {limit}", if *kept { "kept" } else { "missed" });
    }
    limits.iter().all(|(kept, _)| *kept)
}

fn write(path: &Path, text: &str) -> Result<(), GrowthError> {
    std::fs::write(path, text).map_err(|source| GrowthError::File { path: path.to_owned(), source })
}

/// Measures a contract in a process of its own, whose memory is its own too.
fn in_own_process(root: &Path, contract: &Path) -> Result<Measurement, GrowthError> {
    let program = std::env::current_exe().map_err(|error| GrowthError::Process(error.to_string()))?;
    let mut measuring = Command::new(program);
    measuring.arg("--measure").arg(contract).current_dir(root);
    let output = command::succeed(&mut measuring)?;
    serde_json::from_slice(&output.stdout).map_err(|error| GrowthError::Process(error.to_string()))
}

fn measure(root: &Path, file: &Path) -> Result<Measurement, GrowthError> {
    let codes_file = root.join(ERROR_CODES);
    let error_codes =
        std::fs::read_to_string(&codes_file).map_err(|source| GrowthError::File { path: codes_file, source })?;
    let mut watch = Watch::default();
    watch.starts("read");
    let bytes = std::fs::read(file).map_err(|source| GrowthError::File { path: file.to_owned(), source })?;
    // Without a folder, in which lint would look for examples that aren't there.
    let document =
        load::parse_bytes("contract.yaml", &bytes).map_err(|report| GrowthError::Contract(report.to_string()))?;
    watch.starts("lint");
    let report = lint(&document, Scope::Project);
    if report.has_errors() {
        return Err(GrowthError::Contract(report.to_string()));
    }
    watch.starts("lower");
    let generated = pipeline::run_watched(&document, &error_codes, &mut |step| watch.starts(step))?;
    watch.stops();
    let memory = most_memory();
    drop(generated);

    let other = edit::to_yaml(&another_version(document.to_json()));
    let started = Instant::now();
    let usable = |text: &str| {
        load::parse("contract.yaml", text)
            .and_then(|document| Contract::new("contract", document, None, comparable))
            .map_err(|report| GrowthError::Contract(report.to_string()))
    };
    let (old, new) = (usable(document.source().text())?, usable(&other)?);
    let read_both = started.elapsed().as_secs_f64();
    let started = Instant::now();
    let comparison = compare(&old, &new);
    let diff = started.elapsed().as_secs_f64();
    Ok(Measurement { steps: watch.steps, diff, read_both, changes: comparison.changes.len(), memory })
}

/// The contract with a change in every tenth schema and operation.
fn another_version(mut contract: Value) -> Value {
    let schemas = contract.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    for schema in schemas.into_iter().flat_map(|schemas| schemas.values_mut()).step_by(10) {
        schema["description"] = "Described in other words.".into();
        if let Some(members) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            members.insert("aNewMember".to_owned(), serde_json::json!({ "type": "string", "description": "New." }));
        }
    }
    let paths = contract.get_mut("paths").and_then(Value::as_object_mut);
    for item in paths.into_iter().flat_map(|paths| paths.values_mut()).step_by(10) {
        if let Some(operation) = item.get_mut("get") {
            operation["summary"] = "Described in other words".into();
        }
    }
    contract
}

/// Takes the time of steps that follow each other.
#[derive(Default)]
struct Watch {
    steps: Vec<(String, f64)>,
    running: Option<(&'static str, Instant)>,
}

impl Watch {
    fn starts(&mut self, step: &'static str) {
        self.stops();
        self.running = Some((step, Instant::now()));
    }

    fn stops(&mut self) {
        if let Some((step, since)) = self.running.take() {
            self.steps.push((step.to_owned(), since.elapsed().as_secs_f64()));
        }
    }
}

/// The most memory that this process ever had, in MiB, where Linux reports it.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes / 1024)
}
