//! The tables in the documentation are those of the crates.

/// The table that the wrapper documents, and that its tests walk.
const SETTLED: &str = include_str!("../../crates/partner-center-orders/src/error/settled_table.md");
const RELIABILITY: &str = include_str!("../../docs/reliability.md");

#[test]
fn the_page_on_reliability_holds_the_table_of_what_settles_a_write() {
    let table: Vec<&str> = SETTLED.lines().filter(|line| line.starts_with('|')).collect();
    assert!(table.len() > 20);
    assert!(RELIABILITY.contains(&table.join("\n")), "docs/reliability.md holds another table than settled_table.md");
}
