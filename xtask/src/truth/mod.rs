//! Holding what `diff` says of the Rust API against the truth: each edit of a table is generated for real, the public
//! surfaces before and after are compared as rustdoc tells them, and the code of users is compiled against both.

mod surface;
mod table;
mod workshop;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;

pub use table::{Row, rows};
pub use workshop::WorkshopError;

use crate::diff::{self, Contract, Verdict};
use crate::edit;
use crate::load::{self, MemberOrder};
use crate::pipeline::{CONTRACT, ERROR_CODES};
use workshop::{Measured, Workshop};

/// Measures what single edits of the contract do to the generated Rust API, and holds `diff` against it.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only these rows; otherwise all of them.
    rows: Vec<String>,
    /// Only the ten rows that every change of this project is measured by.
    #[arg(long, conflicts_with = "rows")]
    sample: bool,
    /// Asks rustdoc alone, and not cargo-semver-checks too, which is installed where it isn't there.
    #[arg(long)]
    rustdoc_only: bool,
    /// Where to generate and compile; otherwise a folder below the target folder, which is kept for the next time.
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// A contract and its table of error codes.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The contract.
    pub contract: Value,
    /// The order of the contract's members.
    pub order: MemberOrder,
    /// The table of error codes, as CSV.
    pub error_codes: String,
}

/// A row can't be measured.
#[derive(Debug, thiserror::Error)]
pub enum TruthError {
    /// The contract can't be read.
    #[error("can't read {0}: {1}")]
    Read(&'static str, String),
    /// A row no longer fits the contract.
    #[error("row `{row}` no longer fits the contract: {problem}; mend xtask/src/truth/table.rs")]
    Row {
        /// The row.
        row: &'static str,
        /// What doesn't fit.
        problem: String,
    },
    /// There is no row of that name.
    #[error("there is no row `{0}`; they stand in xtask/src/truth/table.rs")]
    NoSuchRow(String),
    /// Nothing could be generated or compiled.
    #[error(transparent)]
    Workshop(#[from] WorkshopError),
}

impl Source {
    /// The contract of a workspace.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn of(root: &Path) -> Result<Self, TruthError> {
        let document =
            load::load(&root.join(CONTRACT)).map_err(|report| TruthError::Read(CONTRACT, report.to_string()))?;
        let error_codes = std::fs::read_to_string(root.join(ERROR_CODES))
            .map_err(|error| TruthError::Read(ERROR_CODES, error.to_string()))?;
        Ok(Self { contract: document.to_json(), order: document.member_order(), error_codes })
    }

    /// The contracts before and after a row's edit.
    ///
    /// # Errors
    /// When the row doesn't fit this contract.
    pub fn edited_by(&self, row: &Row) -> Result<[Self; 2], TruthError> {
        let wrong = |problem: String| TruthError::Row { row: row.name, problem };
        let mut before = self.clone();
        edit::apply(&mut before.contract, &row.setup).map_err(|error| wrong(error.to_string()))?;
        let mut after = before.clone();
        edit::apply(&mut after.contract, &row.edits).map_err(|error| wrong(error.to_string()))?;
        if let Some((from, to)) = row.codes {
            if !after.error_codes.contains(from) {
                return Err(wrong(format!("the table of error codes holds no `{from}`")));
            }
            after.error_codes = after.error_codes.replacen(from, to, 1);
        }
        Ok([before, after])
    }

    fn to_contract(&self, title: &str, row: &Row) -> Result<Contract, TruthError> {
        load::parse(CONTRACT, &edit::to_yaml(&self.contract))
            .and_then(|document| Contract::new(title, document, Some(self.error_codes.clone())))
            .map_err(|report| TruthError::Row { row: row.name, problem: report.to_string() })
    }
}

/// What `diff` says of a row.
///
/// # Errors
/// When the row doesn't fit this contract.
pub fn told(source: &Source, row: &Row) -> Result<diff::Comparison, TruthError> {
    let [before, after] = source.edited_by(row)?;
    Ok(diff::compare(&before.to_contract("before", row)?, &after.to_contract("after", row)?))
}

/// Measures and shows the rows; fails where one doesn't agree.
pub fn run(root: &Path, arguments: &Arguments) -> ExitCode {
    match measure(root, arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(root: &Path, arguments: &Arguments) -> Result<bool, TruthError> {
    let source = Source::of(root)?;
    let rows = chosen(arguments)?;
    let folder = arguments.folder.clone().unwrap_or_else(|| {
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from).join("truth")
    });
    let mut workshop = Workshop::new(root, &folder, !arguments.rustdoc_only)?;
    let users: Vec<&str> = rows.iter().filter(|row| row.setup.is_empty()).filter_map(|row| row.user).collect();
    let mut baselines: BTreeMap<String, Measured> = BTreeMap::new();
    println!("| edit | wire | rust, told | rust, measured | by | users |\n|---|---|---|---|---|---|");
    let mut wrong = 0;
    for row in &rows {
        let [before, after] = source.edited_by(row)?;
        let comparison = told(&source, row)?;
        let key = format!("{:?}", row.setup);
        if !baselines.contains_key(&key) {
            let own: Vec<&str> = if row.setup.is_empty() { users.clone() } else { row.user.into_iter().collect() };
            workshop.generate(&before)?;
            workshop.compile_users(&own)?.map_err(|problem| TruthError::Row { row: row.name, problem })?;
            baselines.insert(key.clone(), workshop.measure()?);
        }
        workshop.generate(&after)?;
        let measured = workshop.measure()?;
        let difference = baselines[&key].compare(&measured, &workshop)?;
        let broken = match row.user {
            Some(user) => Some(workshop.compile_users(&[user])?.is_err()),
            None => None,
        };
        let agrees = comparison.rust_verdict() == difference.verdict
            && row.rust == difference.verdict
            && row.wire == comparison.wire_verdict()
            && broken == (row.rust == Verdict::Major).then_some(true);
        wrong += usize::from(!agrees);
        println!(
            "| {}{} | {} | {} | {} | {} | {} |",
            row.name,
            if agrees { "" } else { " **disagrees**" },
            comparison.wire_verdict(),
            comparison.rust_verdict(),
            difference.verdict,
            difference.by,
            match broken {
                Some(true) => "stop compiling",
                Some(false) => "still compile",
                None => "",
            },
        );
    }
    let judges = if workshop.has_semver_checks() { "rustdoc and cargo-semver-checks" } else { "rustdoc alone" };
    println!("\n{} of {} rows agree, measured by {judges}", rows.len() - wrong, rows.len());
    Ok(wrong == 0)
}

fn chosen(arguments: &Arguments) -> Result<Vec<Row>, TruthError> {
    let mut all = rows();
    if arguments.sample {
        all.retain(|row| row.sample);
        return Ok(all);
    }
    if let Some(unknown) = arguments.rows.iter().find(|name| !all.iter().any(|row| row.name == *name)) {
        return Err(TruthError::NoSuchRow(unknown.clone()));
    }
    all.retain(|row| arguments.rows.is_empty() || arguments.rows.iter().any(|name| name == row.name));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn source() -> Source {
        Source::of(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()).unwrap()
    }

    #[test]
    fn diff_says_of_every_row_what_the_table_says() {
        let source = source();
        let mut wrong = Vec::new();
        for row in rows() {
            let comparison = told(&source, &row).unwrap_or_else(|error| panic!("{error}"));
            let said = (comparison.wire_verdict(), comparison.rust_verdict());
            if said != (row.wire, row.rust) {
                wrong.push(format!(
                    "{}: {said:?} instead of {:?}\n{}",
                    row.name,
                    (row.wire, row.rust),
                    diff::render(&comparison, diff::Format::Text)
                ));
            }
        }
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
        assert!(told(&source(), &row).unwrap().changes.is_empty());
    }
}
