//! Measuring the rows of the table, one after the other.

use std::collections::BTreeMap;

use contract_codegen::source::Source;
use contract_diff::{Comparison, Verdict};

use super::generated::{Difference, Generated, Measured};
use super::sandbox::Sandbox;
use super::{AccuracyError, Differ, Row, edited_by};

/// What a row takes before cargo is called.
pub(super) struct Prepared {
    before: Source,
    after: Generated,
    comparison: Comparison,
}

impl Prepared {
    pub(super) fn of(source: &Source, differ: &Differ, row: &Row) -> Result<Self, AccuracyError> {
        let edited = edited_by(source, row)?;
        // First, since lint reports better than the generator why a contract is invalid.
        let comparison = differ.compare(row, &edited)?;
        let [before, after] = edited;
        Ok(Self { before, after: generated(&after, row)?, comparison })
    }
}

fn generated(source: &Source, row: &Row) -> Result<Generated, AccuracyError> {
    Generated::from(source).map_err(|error| AccuracyError::Row { row: row.name, problem: error.to_string() })
}

/// The rows, as they are measured one after the other.
pub(super) struct Measuring<'a> {
    rows: &'a [Row],
    sandbox: &'a Sandbox,
    /// The state before the edit, by what was done to the contract for it.
    baselines: BTreeMap<String, Measured>,
}

/// What was measured of a row.
pub(super) struct Outcome {
    comparison: Comparison,
    difference: Difference,
    /// Whether code of users stopped compiling, where the row has any.
    broken: Option<bool>,
}

impl<'a> Measuring<'a> {
    pub(super) const fn new(rows: &'a [Row], sandbox: &'a Sandbox) -> Self {
        Self { rows, sandbox, baselines: BTreeMap::new() }
    }

    pub(super) fn row(&mut self, row: &Row, prepared: Prepared) -> Result<Outcome, AccuracyError> {
        let key = key_of(row);
        if !self.baselines.contains_key(&key) {
            let baseline = self.baseline(row, &prepared.before)?;
            self.baselines.insert(key.clone(), baseline);
        }
        let baseline = &self.baselines[&key];
        let measured = self.sandbox.measure("after", prepared.after, Some(baseline))?;
        let difference = baseline.compare(&measured, self.sandbox)?;
        let broken = match row.user {
            Some(user) => Some(self.sandbox.compile_users(&[(row.name, user)])?.is_err()),
            None => None,
        };
        Ok(Outcome { comparison: prepared.comparison, difference, broken })
    }

    /// Measures the state before a row's edit, and that the users of all rows like it compile there.
    fn baseline(&self, row: &Row, before: &Source) -> Result<Measured, AccuracyError> {
        let users = users(self.rows, row);
        let title = format!("before-{}", self.baselines.len());
        let measured = self.sandbox.measure(&title, generated(before, row)?, None)?;
        self.sandbox.compile_users(&users)?.map_err(|problem| AccuracyError::Row { row: row.name, problem })?;
        Ok(measured)
    }
}

/// What rows have in common that begin with the same contract.
fn key_of(row: &Row) -> String {
    format!("{:?}", row.setup)
}

/// The users, by name, of all rows that begin with the same contract as this one.
fn users<'a>(rows: &'a [Row], row: &Row) -> Vec<(&'a str, &'a str)> {
    let key = key_of(row);
    let alike = |other: &&Row| key_of(other) == key;
    rows.iter().filter(alike).filter_map(|row| Some((row.name, row.user?))).collect()
}

impl Outcome {
    /// Whether the table, `diff` and the measurement agree.
    pub(super) fn agrees(&self, row: &Row) -> bool {
        self.comparison.rust_verdict() == self.difference.verdict
            && row.rust == self.difference.verdict
            && row.wire == self.comparison.wire_verdict()
            && self.broken == (row.rust == Verdict::Major).then_some(true)
    }

    /// A line of the table.
    pub(super) fn line(&self, row: &Row) -> String {
        format!(
            "| {}{} | {} | {} | {} | {} | {} |",
            row.name,
            if self.agrees(row) { "" } else { " **disagrees**" },
            self.comparison.wire_verdict(),
            self.comparison.rust_verdict(),
            self.difference.verdict,
            self.difference.by,
            match self.broken {
                Some(true) => "stop compiling",
                Some(false) => "still compile",
                None => "",
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use contract::edit::Edit;

    use super::*;
    use crate::measure::rows;

    #[test]
    fn users_are_compiled_wherever_their_baseline_is_shared() {
        let mut all = rows();
        all.truncate(4);
        let setups = [vec![], vec![Edit::Remove("/a".to_owned())], vec![], vec![Edit::Remove("/a".to_owned())]];
        for ((row, name), setup) in all.iter_mut().zip(["a", "b", "c", "d"]).zip(setups) {
            (row.name, row.setup, row.user) = (name, setup, Some("code"));
        }
        let names = |row: &Row| users(&all, row).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(&all[0]), ["a", "c"]);
        assert_eq!(names(&all[1]), ["b", "d"]);
    }
}
