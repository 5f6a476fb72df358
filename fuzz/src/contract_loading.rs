//! Any text can be checked as a contract, and its findings can be shown.

use contract::load;
use contract_lint::{Scope, lint, to_openapi};

use super::nested::unfolded;

/// Loads the text and checks every rule, as `cargo xtask lint` does.
pub fn check(input: &[u8]) {
    let input = &*unfolded(input);
    let document = match load::parse_bytes("contract.yaml", input) {
        Ok(document) => document,
        Err(report) => {
            assert!(report.has_errors() && !report.render(false).is_empty());
            return;
        }
    };
    for scope in [Scope::Generation, Scope::Project] {
        let report = lint(&document, scope);
        assert_eq!(report.render(false).is_empty(), report.is_empty());
        // What passed is what the generator begins with.
        assert!(report.has_errors() || to_openapi(&document).is_ok(), "{}", report.render(false));
    }
}
