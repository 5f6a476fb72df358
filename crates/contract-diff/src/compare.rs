//! The comparison of two contracts.

use crate::change::Comparison;
use crate::comparable::Contract;
use crate::comparer::Comparer;

/// Compares two contracts.
pub fn compare(old: &Contract, new: &Contract) -> Comparison {
    let mut comparer = Comparer::new(old, new);
    comparer.document();
    comparer.operations();
    comparer.schemas();
    comparer.unused_components();
    comparer.error_codes();
    let mut changes = comparer.finish();
    changes.sort_by(|left, right| {
        (right.verdict, left.new.line, &left.pointer, left.kind, &left.summary).cmp(&(
            left.verdict,
            right.new.line,
            &right.pointer,
            right.kind,
            &right.summary,
        ))
    });
    Comparison {
        old: old.title().to_owned(),
        new: new.title().to_owned(),
        verdict: changes.iter().map(|change| change.verdict).max().unwrap_or_default(),
        changes,
    }
}
