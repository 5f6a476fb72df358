//! `cargo xtask test`: runs every test program again and again, to find tests that fail by chance.
//!
//! A test may fail only sometimes: on a busy machine, with another test at its side, in another order. So the programs run
//! idle and with all cores kept busy, with one, two and eight tests at a time, and shuffled by seeds that all follow from one.

mod busy;
mod load;
mod outcome;
mod plan;
mod program;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use contract::command;

use self::load::{Load, OtherWork};
use self::program::{End, Program};

/// A program that takes longer is slow.
const SLOW: Duration = Duration::from_secs(30);

/// How often a slow program is run at most.
const SLOW_ROUNDS: usize = 5;

/// Represents the tests of a program that ended before it reported any.
const WHOLE_PROGRAM: &str = "(the program)";

/// The options of `cargo xtask test`.
#[derive(clap::Args)]
#[command(about = "Runs every test program again and again, to find tests that fail by chance.", long_about = LONG)]
pub(crate) struct Arguments {
    /// Runs each program so many times; one that takes over 30 seconds, at most 5 times.
    #[arg(long, value_name = "N", default_value_t = 6)]
    repeat: usize,
    /// Keeps all cores busy in every round, and not only in each second one.
    #[arg(long)]
    loaded: bool,
    /// Runs this command line as the load, once the tests are built; threads spin when it has ended. If it fails, so does the
    /// run.
    #[arg(long, value_name = "COMMAND", requires = "loaded")]
    load_with: Option<String>,
    /// Leaves out the tests that a package lists as slow.
    #[arg(long)]
    quick: bool,
    /// Runs only the programs of this package; may be given several times.
    #[arg(long, value_name = "PACKAGE")]
    package: Vec<String>,
    /// Runs only this test target, or the unit tests of this library or program; may be given several times.
    #[arg(long, value_name = "NAME")]
    test: Vec<String>,
    /// Shuffles by this seed, as an earlier run printed it.
    #[arg(long, value_name = "SEED")]
    seed: Option<u64>,
    /// Runs only this round, counted from 1: what a failure is replayed with.
    #[arg(long, value_name = "ROUND", value_parser = clap::value_parser!(u32).range(1..))]
    round: Option<u32>,
    /// Ends a program that runs longer, which counts as a failure.
    #[arg(long, value_name = "MINUTES", default_value_t = 20)]
    watchdog: u64,
}

const LONG: &str = "\
Runs every test program again and again, to find tests that fail by chance.

The programs are built once. Then each round runs every one of them: every second round while all cores are kept busy, with \
1, 2 or 8 tests at a time, in random order. Each combination of load and threads comes once in 6 rounds. All orders follow \
from one seed, which is printed; a failed test is listed with the command that runs its round again.

Doc tests are not run. `--quick` leaves out the tests that a package's manifest lists, those that take over some seconds:

    [package.metadata.xtask]
    slow-tests = [\"walk\"]

Ends with 1 if a test failed, or a program hung.";

/// Why the tests can't be run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TestError {
    /// A program failed.
    #[error(transparent)]
    Command(#[from] command::Failed),
    /// A test program can't be run.
    #[error("{} can't be run: {source}", program.display())]
    NotRun {
        /// The program.
        program: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file can't be written or read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The output of cargo can't be read.
    #[error("cargo's output is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A list of slow tests is out of date.
    #[error("{package} lists the slow test `{test}`, which it doesn't have")]
    NoSuchSlowTest {
        /// The package.
        package: String,
        /// The test.
        test: String,
    },
    /// The options leave nothing over.
    #[error("no test program has these names")]
    Nothing,
}

/// A test that failed at least once.
#[derive(Debug, PartialEq, Eq)]
struct Failure {
    program: String,
    test: String,
    times: usize,
    /// The first round in which it failed, counted from 0.
    round: usize,
    /// What its program printed in that round.
    printed: PathBuf,
}

/// What all rounds came to.
#[derive(Debug, Default)]
struct Sum {
    runs: usize,
    passed: usize,
    /// How many rounds each program took part in, and how long the first of them took.
    programs: BTreeMap<String, (usize, Duration)>,
    failures: Vec<Failure>,
}

impl Sum {
    fn fail(&mut self, program: &Program, test: &str, round: usize, printed: &Path) {
        let program = program.label();
        if let Some(known) = self.failures.iter_mut().find(|failure| failure.program == program && failure.test == test)
        {
            known.times += 1;
        } else {
            let (test, printed) = (test.to_owned(), printed.to_owned());
            self.failures.push(Failure { program, test, times: 1, round, printed });
        }
    }
}

/// How the programs are repeated.
#[derive(Debug)]
struct Repetition {
    rounds: std::ops::Range<usize>,
    only_loaded: bool,
    seed: u64,
    watchdog: Duration,
    /// Where the output of failed runs is kept.
    folder: PathBuf,
}

impl Repetition {
    /// Runs the programs, round after round.
    fn run(
        &self,
        programs: &[Program],
        mut other: Option<&mut OtherWork>,
        mut progress: impl FnMut(&str),
    ) -> Result<Sum, TestError> {
        let wrong = |source| TestError::File { path: self.folder.clone(), source };
        fs::create_dir_all(&self.folder).map_err(wrong)?;
        let mut sum = Sum::default();
        for round in self.rounds.clone() {
            let setting = plan::setting(round, self.only_loaded);
            let mut load = setting.is_loaded.then(Load::default);
            let load_state = if load.is_some() { "loaded" } else { "idle" };
            let heading = format!("round {}, {load_state}, {} threads", round + 1, setting.threads);
            for program in programs {
                let label = program.label();
                let (rounds, first) = sum.programs.get(&label).copied().unwrap_or_default();
                if rounds >= SLOW_ROUNDS && first > SLOW {
                    continue;
                }
                if let Some(load) = &mut load {
                    load.keep_up(other.as_deref_mut());
                }
                progress(&format!("{heading}: {label}"));
                let printed = self.folder.join(format!("{}-{}.txt", label.replace(' ', "-"), round + 1));
                let started = Instant::now();
                let seed = plan::shuffle_seed(self.seed, &label, round);
                let (outcome, end) = program.run(setting, seed, self.watchdog, &printed)?;
                // The first run shows whether it is slow; under load, everything takes longer.
                let took = if rounds == 0 { started.elapsed() } else { first };
                sum.programs.insert(label, (rounds + 1, took));
                sum.runs += 1;
                sum.passed += outcome.counted.map_or(0, |(passed, _)| passed);
                let is_good = matches!(end, End::Exited(status) if status.success()) && outcome.counted.is_some();
                if is_good && outcome.failed.is_empty() {
                    fs::remove_file(&printed).map_err(wrong)?;
                } else if outcome.failed.is_empty() {
                    sum.fail(program, WHOLE_PROGRAM, round, &printed);
                }
                for test in &outcome.failed {
                    sum.fail(program, test, round, &printed);
                }
            }
        }
        Ok(sum)
    }
}

/// Runs the tests.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> ExitCode {
    match try_run(root, arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn try_run(root: &Path, arguments: &Arguments) -> Result<ExitCode, TestError> {
    let started = Instant::now();
    let mut programs = program::build(root)?;
    programs.retain(|program| {
        let is_named = |names: &[String], name: &String| names.is_empty() || names.contains(name);
        is_named(&arguments.package, &program.package)
            && is_named(&arguments.test, &program.target)
            && !(arguments.quick && program.is_slow)
    });
    if programs.is_empty() {
        return Err(TestError::Nothing);
    }
    let mut tests = 0;
    for program in &programs {
        tests += program.count()?;
    }
    let built = started.elapsed();
    let seed = arguments.seed.unwrap_or_else(any_seed);
    let rounds = match arguments.round {
        Some(round) => round as usize - 1..round as usize,
        None => 0..arguments.repeat,
    };
    eprintln!("{} test programs with {tests} tests, {} rounds, seed {seed}", programs.len(), rounds.len());
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder));
    let repetition = Repetition {
        rounds,
        only_loaded: arguments.loaded,
        seed,
        watchdog: Duration::from_secs(60 * arguments.watchdog),
        folder: target.join("repeated-tests"),
    };
    let mut shown = String::new();
    let start = |line: &String| OtherWork::start(line, root, &repetition.folder);
    let mut other = arguments.load_with.as_ref().map(start).transpose()?;
    let sum = repetition.run(&programs, other.as_mut(), |stage| show(stage, &mut shown))?;
    if io::stderr().is_terminal() {
        eprint!("\r\u{1b}[K");
    }
    let took = started.elapsed().saturating_sub(built).as_secs();
    if let Some(other) = other {
        print!("{}", other.end()?);
    }
    print!("{}", report(&sum, tests, &repetition));
    println!("built in {} s, run in {took} s", built.as_secs());
    Ok(if sum.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Shows where the repetition is: on a terminal every program, elsewhere every round.
fn show(stage: &str, shown: &mut String) {
    if io::stderr().is_terminal() {
        eprint!("\r\u{1b}[K{stage}");
        return;
    }
    let round = stage.split(':').next().unwrap_or_default();
    if round != shown.as_str() {
        eprintln!("{round}");
        round.clone_into(shown);
    }
}

/// A seed that differs from run to run.
fn any_seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_secs() ^ (u64::from(now.subsec_nanos()) << 32)
}

/// What the rounds came to, for people.
fn report(sum: &Sum, tests: usize, repetition: &Repetition) -> String {
    let mut text = String::new();
    for failure in &sum.failures {
        let rounds = sum.programs.get(&failure.program).map_or(0, |(rounds, _)| *rounds);
        let mut words = failure.program.split(' ');
        let (package, target) = (words.next().unwrap_or_default(), words.next_back().unwrap_or_default());
        let loaded = if repetition.only_loaded { " --loaded" } else { "" };
        text.push_str(&format!(
            "FAILED {} of {rounds} times: {} of {}\n  again: cargo xtask test --package {package} --test {target}{loaded} --seed {} --round {}\n  output: {}\n",
            failure.times,
            failure.test,
            failure.program,
            repetition.seed,
            failure.round + 1,
            failure.printed.display(),
        ));
    }
    let slow: Vec<String> = sum
        .programs
        .iter()
        .filter(|(_, (_, first))| *first > SLOW)
        .map(|(program, (rounds, first))| format!("{program} ({} s, {rounds} times)", first.as_secs()))
        .collect();
    if !slow.is_empty() {
        text.push_str(&format!("over {} s in the first round: {}\n", SLOW.as_secs(), slow.join(", ")));
    }
    text.push_str(&format!(
        "{} test programs with {tests} tests: {} runs of a program, {} tests passed, {} failed at least once; seed {}\n",
        sum.programs.len(),
        sum.runs,
        sum.passed,
        sum.failures.len(),
        repetition.seed,
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the test that fails counts its runs; without it, it isn't meant to run.
    const COUNTER: &str = "XTASK_TEST_COUNTER";

    #[test]
    #[ignore = "fails every second time, for the tests below"]
    fn fails_every_second_time() {
        let Some(counter) = std::env::var_os(COUNTER) else { return };
        let runs = fs::read(&counter).unwrap_or_default().len();
        fs::write(&counter, vec![b'.'; runs + 1]).unwrap();
        assert_eq!(runs % 2, 0, "the second time");
    }

    #[test]
    #[ignore = "never ends, for the tests below"]
    fn never_ends() {
        while std::env::var_os(COUNTER).is_some() {
            std::thread::park();
        }
    }

    /// This test program with one of its ignored tests.
    fn program(test: &str, folder: &Path) -> Program {
        let environment = vec![(COUNTER.to_owned(), folder.join("counter").into_os_string())];
        Program {
            package: "made-up".to_owned(),
            target: "sometimes".to_owned(),
            kind: "test".to_owned(),
            executable: std::env::current_exe().unwrap(),
            folder: folder.to_owned(),
            environment,
            selection: ["--ignored", "--exact", &format!("test::tests::{test}")].map(str::to_owned).into(),
            is_slow: false,
        }
    }

    fn repetition(folder: &Path, rounds: usize, watchdog: Duration) -> Repetition {
        Repetition { rounds: 0..rounds, only_loaded: false, seed: 7, watchdog, folder: folder.join("printed") }
    }

    #[test]
    fn a_test_that_fails_every_second_time_is_reported_with_what_repeats_it() {
        let folder = tempfile::tempdir().unwrap();
        let program = program("fails_every_second_time", folder.path());
        let repetition = repetition(folder.path(), 4, Duration::from_secs(3600));
        let mut stages = Vec::new();

        let sum = repetition.run(&[program], None, |stage| stages.push(stage.to_owned())).unwrap();

        assert_eq!((sum.runs, sum.passed, sum.failures.len()), (4, 2, 1));
        let failure = &sum.failures[0];
        assert_eq!((failure.times, failure.round), (2, 1));
        assert!(fs::read_to_string(&failure.printed).unwrap().contains("the second time"));
        assert_eq!(fs::read_dir(&repetition.folder).unwrap().count(), 2, "only what failed is kept");
        assert_eq!(stages[1], "round 2, loaded, 2 threads: made-up test sometimes");
        let text = report(&sum, 1, &repetition);
        for part in [
            "FAILED 2 of 4 times: test::tests::fails_every_second_time of made-up test sometimes\n",
            "again: cargo xtask test --package made-up --test sometimes --seed 7 --round 2\n",
            "1 test programs with 1 tests: 4 runs of a program, 2 tests passed, 1 failed at least once; seed 7\n",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn a_program_that_hangs_is_killed_and_reported() {
        let folder = tempfile::tempdir().unwrap();
        let program = program("never_ends", folder.path());
        let sum = repetition(folder.path(), 1, Duration::ZERO).run(&[program], None, |_| {}).unwrap();
        assert_eq!((sum.failures[0].test.as_str(), sum.failures[0].times), (WHOLE_PROGRAM, 1));
    }

    #[test]
    fn the_tests_of_a_program_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(program("never_ends", folder.path()).count().unwrap(), 1);
    }
}
