//! Measuring the rows of the table, one after the other.

use std::collections::BTreeMap;

use super::generated::{Difference, Generated, Measured};
use super::workshop::Workshop;
use super::{Row, Source, Teller, TruthError};
use crate::diff::{self, Verdict};

/// What a row takes before cargo is called.
pub(super) struct Prepared {
    before: Source,
    after: Generated,
    comparison: diff::Comparison,
}

impl Prepared {
    pub(super) fn of(source: &Source, teller: &Teller<'_>, row: &Row) -> Result<Self, TruthError> {
        // First, since lint says better than the generator why a contract is none.
        let comparison = teller.told(row)?;
        let [before, after] = source.edited_by(row)?;
        Ok(Self { before, after: generated(&after, row)?, comparison })
    }
}

fn generated(source: &Source, row: &Row) -> Result<Generated, TruthError> {
    Generated::from(source).map_err(|error| TruthError::Row { row: row.name, problem: error.to_string() })
}

/// The rows, as they are measured one after the other.
pub(super) struct Measuring<'a> {
    rows: &'a [Row],
    workshop: &'a Workshop,
    /// What stands before the edit, by what was done to the contract for it.
    baselines: BTreeMap<String, Measured>,
}

/// What was measured of a row.
pub(super) struct Outcome {
    comparison: diff::Comparison,
    difference: Difference,
    /// Whether code of users stopped compiling, where the row has any.
    broken: Option<bool>,
}

impl<'a> Measuring<'a> {
    pub(super) const fn new(rows: &'a [Row], workshop: &'a Workshop) -> Self {
        Self { rows, workshop, baselines: BTreeMap::new() }
    }

    pub(super) fn row(&mut self, row: &Row, prepared: Prepared) -> Result<Outcome, TruthError> {
        let key = format!("{:?}", row.setup);
        if !self.baselines.contains_key(&key) {
            let baseline = self.baseline(row, &prepared.before)?;
            self.baselines.insert(key.clone(), baseline);
        }
        let baseline = &self.baselines[&key];
        let measured = self.workshop.measure("after", prepared.after, Some(baseline))?;
        let difference = baseline.compare(&measured, self.workshop)?;
        let broken = match row.user {
            Some(user) => Some(self.workshop.compile_users(&[(row.name, user)])?.is_err()),
            None => None,
        };
        Ok(Outcome { comparison: prepared.comparison, difference, broken })
    }

    /// Measures what stands before a row's edit, and that the users of all rows like it compile there.
    fn baseline(&self, row: &Row, before: &Source) -> Result<Measured, TruthError> {
        let alike = |other: &&Row| if row.setup.is_empty() { other.setup.is_empty() } else { other.name == row.name };
        let users: Vec<(&str, &str)> =
            self.rows.iter().filter(alike).filter_map(|row| Some((row.name, row.user?))).collect();
        let title = format!("before-{}", self.baselines.len());
        let measured = self.workshop.measure(&title, generated(before, row)?, None)?;
        self.workshop.compile_users(&users)?.map_err(|problem| TruthError::Row { row: row.name, problem })?;
        Ok(measured)
    }
}

impl Outcome {
    /// Whether the table, `diff` and the measurement say the same.
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
