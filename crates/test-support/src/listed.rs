//! Lists in tests that have to be complete.

use std::collections::BTreeSet;

/// Fails if a list lacks a name or has one too many, and prints the difference only.
///
/// # Panics
/// Then.
#[track_caller]
pub fn assert_complete<'a>(
    list: &str,
    listed: impl IntoIterator<Item = &'a str>,
    expected: impl IntoIterator<Item = &'a str>,
) {
    let (listed, expected): (BTreeSet<_>, BTreeSet<_>) = (listed.into_iter().collect(), expected.into_iter().collect());
    let missing: Vec<_> = expected.difference(&listed).collect();
    let unknown: Vec<_> = listed.difference(&expected).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "{list} lacks {missing:?}; it has {unknown:?}, which is nothing");
}
