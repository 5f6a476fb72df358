//! Compares the verdicts of `diff` on the Rust API with measurements: each edit of a table is generated for real, the public
//! surfaces before and after are compared as rustdoc reports them, and the code of users is compiled against both.

mod arguments;
mod generated;
mod rows;
mod sandbox;
mod semver_checks;
mod table;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

pub(crate) use arguments::Arguments;
pub(crate) use sandbox::SandboxError;
pub(crate) use table::{Row, rows};

use contract::CONTRACT;
use contract::command::exit_code;
use contract::diagnostic::Report;
use contract_codegen::source::{ReadError, Source};
use contract_diff::{Comparison, Contract, compare};
use contract_lint::{Scope, comparable, lint};

use self::rows::{Measuring, Prepared};
use self::sandbox::Sandbox;

/// A row can't be measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccuracyError {
    /// The contract can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A row no longer matches the contract.
    #[error(
        "row `{row}` no longer matches the contract: {problem}; fix crates/contract-diff/tests/accuracy/measure/table"
    )]
    Row {
        /// The row.
        row: &'static str,
        /// What doesn't match.
        problem: String,
    },
    /// There is no row of that name.
    #[error("there is no row `{0}`; the rows are in crates/contract-diff/tests/accuracy/measure/table")]
    NoSuchRow(String),
    /// Nothing could be generated or compiled.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
}

/// The contracts before and after a row's edit.
///
/// # Errors
/// When the row doesn't match this contract.
pub(crate) fn edited_by(source: &Source, row: &Row) -> Result<[Source; 2], AccuracyError> {
    let wrong = |problem: String| AccuracyError::Row { row: row.name, problem };
    let before = source.edited(&row.setup).map_err(|error| wrong(error.to_string()))?;
    let mut after = before.edited(&row.edits).map_err(|error| wrong(error.to_string()))?;
    if let Some((from, to)) = row.codes {
        if !after.error_codes.contains(from) {
            return Err(wrong(format!("the table of error codes holds no `{from}`")));
        }
        after.error_codes = after.error_codes.replacen(from, to, 1);
    }
    Ok([before, after])
}

/// The contract as `diff` reads it, once lint has accepted it: what users can't generate from proves nothing.
fn to_contract(source: &Source, title: &str) -> Result<Contract, Report> {
    let report = lint(&source.contract, Scope::Project);
    if report.has_errors() {
        return Err(report);
    }
    Contract::new(title, source.contract.clone(), Some(source.error_codes.clone()), comparable)
}

/// Compares the contracts of rows with `diff`.
pub(crate) struct Differ {
    /// The unchanged contract, which most rows begin with.
    unchanged: Contract,
}

impl Differ {
    /// Of rows that edit this contract.
    ///
    /// # Errors
    /// When lint rejects the unchanged contract.
    pub(crate) fn new(source: &Source) -> Result<Self, AccuracyError> {
        let unchanged = to_contract(source, "before").map_err(|report| ReadError(CONTRACT, report.to_string()))?;
        Ok(Self { unchanged })
    }

    /// The verdicts of `diff` on a row that made the second contract of the first.
    ///
    /// # Errors
    /// When lint rejects one of them.
    pub(crate) fn compare(&self, row: &Row, [before, after]: &[Source; 2]) -> Result<Comparison, AccuracyError> {
        let contract = |source: &Source, title| {
            to_contract(source, title)
                .map_err(|report| AccuracyError::Row { row: row.name, problem: report.to_string() })
        };
        let after = contract(after, "after")?;
        if row.setup.is_empty() {
            return Ok(compare(&self.unchanged, &after));
        }
        Ok(compare(&contract(before, "before")?, &after))
    }
}

/// Measures and shows the rows; fails where one doesn't agree.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> ExitCode {
    exit_code(measure(root, arguments))
}

fn measure(root: &Path, arguments: &Arguments) -> Result<bool, AccuracyError> {
    let started = Instant::now();
    let source = Source::of(root)?;
    let rows = chosen(arguments)?;
    let differ = Differ::new(&source)?;
    let folder = arguments.folder.clone().unwrap_or_else(|| {
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from).join("diff-accuracy")
    });
    let sandbox = Sandbox::new(root, &folder, !arguments.rustdoc_only)?;
    let mut measuring = Measuring::new(&rows, &sandbox);
    let progress = std::io::stderr().is_terminal();
    println!("| edit | wire | rust, reported | rust, measured | by | users |\n|---|---|---|---|---|---|");
    let mut agreeing = 0;
    std::thread::scope(|scope| {
        // What the next row takes is generated while cargo is at this one's.
        let (sender, prepared) = std::sync::mpsc::sync_channel(1);
        scope.spawn(|| {
            let sender = sender;
            for row in &rows {
                // The receiver is gone once the measuring has ended.
                if sender.send(Prepared::of(&source, &differ, row)).is_err() {
                    break;
                }
            }
        });
        for (location, (row, prepared)) in rows.iter().zip(prepared).enumerate() {
            if progress {
                eprint!("\r\x1b[K{} of {}: {}", location + 1, rows.len(), row.name);
            }
            let result = prepared.and_then(|prepared| measuring.row(row, prepared));
            if progress {
                eprint!("\r\x1b[K");
            }
            match result {
                Ok(result) => {
                    agreeing += usize::from(result.agrees(row));
                    println!("{}", result.line(row));
                }
                Err(error) => {
                    println!("| {} **can't be measured** |", row.name);
                    eprintln!("error: {error}");
                }
            }
        }
    });
    println!(
        "\n{agreeing} of {} rows agree, measured by {} in {} s",
        rows.len(),
        sandbox.checkers(),
        started.elapsed().as_secs()
    );
    Ok(agreeing == rows.len())
}

fn chosen(arguments: &Arguments) -> Result<Vec<Row>, AccuracyError> {
    let mut all = rows();
    if arguments.sample {
        all.retain(|row| row.sample);
        return Ok(all);
    }
    if let Some(unknown) = arguments.rows.iter().find(|name| !all.iter().any(|row| row.name == *name)) {
        return Err(AccuracyError::NoSuchRow(unknown.clone()));
    }
    all.retain(|row| arguments.rows.is_empty() || arguments.rows.iter().any(|name| name == row.name));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use contract::edit::Edit;
    use contract_diff::Verdict;

    use super::*;

    fn source() -> Source {
        Source::of(Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()).unwrap()
    }

    #[test]
    fn diff_says_of_every_row_what_the_table_says() {
        let source = source();
        let differ = Differ::new(&source).unwrap();
        let wrong = |row: &Row| {
            let comparison = match edited_by(&source, row).and_then(|edited| differ.compare(row, &edited)) {
                Ok(comparison) => comparison,
                Err(error) => return Some(error.to_string()),
            };
            let reported = (comparison.wire_verdict(), comparison.rust_verdict());
            let expected = (row.wire, row.rust);
            let shown = || contract_diff::render(&comparison, contract_diff::Format::Text);
            (reported != expected).then(|| format!("{}: {reported:?} instead of {expected:?}\n{}", row.name, shown()))
        };
        let rows = rows();
        // The other tests of this program are done long before this one: half of the rows for each of two threads.
        let (first, second) = rows.split_at(rows.len() / 2);
        let wrong: Vec<String> = std::thread::scope(|scope| {
            let second = scope.spawn(|| second.iter().filter_map(wrong).collect::<Vec<_>>());
            let first: Vec<_> = first.iter().filter_map(wrong).collect();
            [first, second.join().unwrap()].concat()
        });
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn the_table_is_long_enough_and_its_names_are_its_own() {
        let rows = rows();
        let names: BTreeSet<&str> = rows.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), rows.len());
        assert!(rows.len() >= 60, "{} rows", rows.len());
        assert_eq!(rows.iter().filter(|row| row.sample).count(), 10);
    }

    #[test]
    fn every_edit_that_breaks_users_names_one() {
        for row in rows() {
            assert_eq!(row.user.is_some(), row.rust == Verdict::Major, "{}", row.name);
        }
    }

    #[test]
    fn nothing_changed_is_nothing_told() {
        let row = Row { edits: Vec::new(), codes: None, ..rows().remove(0) };
        let source = source();
        let edited = edited_by(&source, &row).unwrap();
        assert!(Differ::new(&source).unwrap().compare(&row, &edited).unwrap().changes.is_empty());
    }

    #[test]
    fn a_contract_that_lint_rejects_is_not_the_fault_of_a_row() {
        let source = source();
        let source = source.edited(&[Edit::Set("/openapi".to_owned(), "3.1.0".into())]).unwrap();
        assert!(matches!(Differ::new(&source), Err(AccuracyError::Read(ReadError(CONTRACT, _)))));
    }
}
