//! The program behind `cargo xtask simulate`: seed after seed, until one breaks a promise.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use end_to_end::simulation::{self, Layer, Options, Outcome, Tally};

/// The number of lines of a broken run that are shown.
const SHOWN: usize = 60;

struct Arguments {
    seed: u64,
    runs: u64,
    minutes: Option<u64>,
    /// The policy of the client that is removed, and its name.
    without: Option<(&'static str, Layer)>,
}

/// The sum of all runs.
#[derive(Default)]
struct Sum {
    runs: u64,
    calls: usize,
    crashes: usize,
    resumed: usize,
    requests: usize,
    orders: u64,
    virtual_time: Duration,
    faults: Tally,
    connection_faults: BTreeMap<&'static str, u64>,
    /// The first seed that broke a promise: how many were begun before it, and its outcome.
    broken: Option<(u64, Outcome)>,
}

fn main() -> ExitCode {
    let arguments = match arguments(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(problem) => {
            eprintln!("error: {problem}\nusage: simulate [--seed N] [--runs N] [--minutes N] [--without POLICY]");
            return ExitCode::from(2);
        }
    };
    let began = Instant::now();
    let sum = run(&arguments, began);
    report(&arguments, &sum, began.elapsed());
    if sum.broken.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut arguments = Arguments { seed: 1, runs: 0, minutes: None, without: None };
    while let Some(name) = given.next() {
        let value = given.next().ok_or_else(|| format!("{name} takes a value"))?;
        let number = || value.parse().map_err(|_| format!("{name} takes a whole number, not `{value}`"));
        match name.as_str() {
            "--seed" => arguments.seed = number()?,
            "--runs" => arguments.runs = number()?,
            "--minutes" => arguments.minutes = Some(number()?),
            "--without" => arguments.without = Some(policy(&value)?),
            _ => return Err(format!("unknown option {name}")),
        }
    }
    if arguments.runs == 0 {
        arguments.runs = if arguments.minutes.is_some() { u64::MAX } else { 1 };
    }
    Ok(arguments)
}

fn policy(name: &str) -> Result<(&'static str, Layer), String> {
    let names = || Layer::ALL.map(|(name, _)| name).join(", ");
    Layer::ALL
        .into_iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(|| format!("unknown policy `{name}`: expected one of {}", names()))
}

fn run(arguments: &Arguments, began: Instant) -> Sum {
    let next = AtomicU64::new(0);
    let stop = AtomicBool::new(false);
    let sum = Mutex::new(Sum::default());
    let until = arguments.minutes.map(|minutes| Duration::from_secs(minutes * 60));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let shows_progress = std::io::stderr().is_terminal();
    let options = Options { without: arguments.without.map(|(_, layer)| layer), ..Options::default() };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let is_over = until.is_some_and(|until| began.elapsed() >= until);
                    if index >= arguments.runs || is_over || stop.load(Ordering::Relaxed) {
                        return;
                    }
                    // Seeds wrap around, so that any first one has as many after it as requested.
                    let outcome = simulation::run(arguments.seed.wrapping_add(index), options);
                    let mut sum = sum.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    if !outcome.broken.is_empty() {
                        stop.store(true, Ordering::Relaxed);
                    }
                    sum.add(index, outcome);
                    if shows_progress && sum.runs % 20 == 0 {
                        eprint!("\r{} seeds, {} s", sum.runs, began.elapsed().as_secs());
                    }
                }
            });
        }
    });
    if shows_progress {
        eprint!("\r\u{1b}[K");
    }
    sum.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Sum {
    fn add(&mut self, index: u64, outcome: Outcome) {
        self.runs += 1;
        self.calls += outcome.calls;
        self.crashes += outcome.crashes;
        self.resumed += outcome.resumed;
        self.requests += outcome.requests;
        self.orders += outcome.orders;
        self.virtual_time += outcome.virtual_time;
        for (cell, count) in &outcome.faults {
            *self.faults.entry(*cell).or_default() += count;
        }
        for (kind, count) in &outcome.connection_faults {
            *self.connection_faults.entry(kind).or_default() += count;
        }
        // Seeds are begun in order, and those that were begun are finished. So the first that breaks a promise is
        // the same on every machine; which later ones are still run depends on the number of cores.
        let is_first = self.broken.as_ref().is_none_or(|(first, _)| index < *first);
        if !outcome.broken.is_empty() && is_first {
            self.broken = Some((index, outcome));
        }
    }
}

fn report(arguments: &Arguments, sum: &Sum, took: Duration) {
    let mut out = std::io::stdout().lock();
    if let Some((_, outcome)) = &sum.broken {
        let words: Vec<String> = outcome.broken.iter().flat_map(|promise| distinctive_words(promise)).collect();
        let _ = writeln!(out, "seed {} broke {} promises:", outcome.seed, outcome.broken.len());
        for promise in &outcome.broken {
            let _ = writeln!(out, "  - {promise}");
        }
        let _ = writeln!(out, "\n{}", outcome.trace.shortened(&words, SHOWN));
        let without = arguments.without.map_or_else(String::new, |(name, _)| format!(" --without {name}"));
        let _ = writeln!(out, "again: cargo xtask simulate --seed {}{without}\n", outcome.seed);
    }
    if arguments.runs == 1 {
        for ((fault, operation), count) in &sum.faults {
            let _ = writeln!(out, "{count} times {fault} on {operation}");
        }
    } else {
        let _ = write!(out, "{}", table(&sum.faults));
    }
    let times = |kind: &&str| format!("{} {kind}", sum.connection_faults.get(kind).copied().unwrap_or_default());
    let connections: Vec<_> = simulation::CONNECTION_FAULTS.iter().map(times).collect();
    let _ = writeln!(out, "connections: {}", connections.join(", "));
    let days = sum.virtual_time.as_secs() / 86_400;
    let _ = writeln!(
        out,
        "{} seeds in {:.1} s: {} calls ({} dropped, {} writes resumed), {} requests, {} orders, {days} virtual days; {}",
        sum.runs,
        took.as_secs_f64(),
        sum.calls,
        sum.crashes,
        sum.resumed,
        sum.requests,
        sum.orders,
        if sum.broken.is_none() { "every promise was kept" } else { "promises were broken" },
    );
}

/// The words of a broken promise that the trace's lines about it contain, too: ids, users and quantities.
fn distinctive_words(promise: &str) -> Vec<String> {
    let word = |text: &str| text.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned();
    let mut words: Vec<String> = promise.split([' ', '(', ')', ',']).map(word).collect();
    words.retain(|text| text.len() > 30 || text.starts_with("user-"));
    if let Some((_, rest)) = promise.split_once("quantity: ") {
        let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
        words = vec![format!("quantity: {number} "), "clock".to_owned()];
    }
    words
}

/// Fault kinds by operation, and the empty cells.
fn table(faults: &Tally) -> String {
    let kinds = simulation::fault_kinds();
    let mut text = String::new();
    let mut empty = Vec::new();
    text.push_str(&format!("{:<38}", "times a fault met an operation"));
    text.extend(kinds.iter().map(|kind| format!(" {kind:>8.8}")));
    text.push('\n');
    for operation in simulation::operations() {
        text.push_str(&format!("{operation:<38}"));
        for kind in &kinds {
            let count = faults.get(&(*kind, operation)).copied().unwrap_or_default();
            text.push_str(&format!(" {count:>8}"));
            if count == 0 {
                empty.push(format!("{kind} on {operation}"));
            }
        }
        text.push('\n');
    }
    if !empty.is_empty() {
        text.push_str(&format!("met by nothing yet ({}): {}\n", empty.len(), empty.join(", ")));
    }
    text
}
