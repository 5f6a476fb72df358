//! Which crates of the workspace may depend on which.

use std::collections::BTreeSet;

use serde_json::Value;

/// The arrows that are allowed, not counting what only tests need. A crate that depends on no other one is listed here too.
const ARROWS: &[(&str, &[&str])] = &[
    ("contract", &[]),
    ("contract-lint", &["contract"]),
    ("contract-codegen", &["contract"]),
    ("contract-diff", &["contract"]),
    ("xtask", &["contract", "contract-lint", "contract-codegen", "contract-diff"]),
    ("bench-runner", &["contract"]),
    ("test-support", &[]),
    ("partner-center-orders-schema", &[]),
    // By the feature `schema`: typed values name their schemas.
    ("partner-center-orders-api", &["partner-center-orders-schema"]),
    ("partner-center-orders-httpmock", &["partner-center-orders-api"]),
    ("partner-center-orders", &["partner-center-orders-api"]),
    ("partner-center-emulator", &[]),
    ("partner-center-testing", &["partner-center-orders", "partner-center-emulator"]),
    ("partner-center-export", &["partner-center-orders"]),
    (
        "pcorders",
        &["partner-center-orders", "partner-center-orders-schema", "partner-center-emulator", "partner-center-export"],
    ),
    (
        "end-to-end",
        &["partner-center-emulator", "partner-center-orders", "partner-center-orders-schema", "partner-center-testing"],
    ),
];

/// Arrows that not even tests may have: the generator builds when what it writes doesn't, the test double knows nothing of what
/// it tests, and the validator depends on neither.
const NEVER: &[(&str, &[&str])] = &[
    ("contract", WRITTEN),
    ("contract-lint", WRITTEN),
    ("contract-codegen", WRITTEN),
    ("contract-diff", WRITTEN),
    ("xtask", WRITTEN),
    ("partner-center-emulator", &["partner-center-orders-api", "partner-center-orders", "partner-center-testing"]),
    ("partner-center-orders-schema", &["partner-center-orders-api", "partner-center-orders"]),
    ("partner-center-orders", &["partner-center-testing"]),
    ("test-support", PRODUCT),
];

/// What the tests that share `test-support` are for.
const PRODUCT: &[&str] = &[
    "partner-center-emulator",
    "partner-center-orders",
    "partner-center-orders-api",
    "partner-center-orders-schema",
    "partner-center-testing",
];

const WRITTEN: &[&str] =
    &["partner-center-orders-api", "partner-center-orders-httpmock", "partner-center-orders-schema"];

fn row<'a>(table: &'a [(&str, &[&str])], package: &str) -> Option<&'a [&'a str]> {
    table.iter().find(|(name, _)| *name == package).map(|(_, others)| *others)
}

/// The dependencies between packages of a workspace that are not allowed, in words.
pub(crate) fn forbidden(metadata: &Value) -> Vec<String> {
    let packages: Vec<&Value> = metadata["packages"].as_array().into_iter().flatten().collect();
    let names: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut wrong = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(allowed) = row(ARROWS, name) else {
            wrong.push(format!("{name} has no row in ARROWS"));
            continue;
        };
        let never = row(NEVER, name).unwrap_or_default();
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let other = dependency["name"].as_str().unwrap_or_default();
            let only_for_tests = dependency["kind"] == "dev";
            // Tests of a package take it with other features.
            if !names.contains(other) || other == name {
                continue;
            }
            if never.contains(&other) || !(only_for_tests || allowed.contains(&other)) {
                wrong.push(format!("{name} must not depend on {other}"));
            }
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn workspace(of: &str, on: &str, kind: Option<&str>) -> Value {
        json!({ "packages": [
            { "name": of, "dependencies": [{ "name": on, "kind": kind }, { "name": "serde", "kind": null }] },
            { "name": on, "dependencies": [] },
        ] })
    }

    #[test]
    fn an_arrow_against_the_design_is_named() {
        let wrong = |of, on, kind| forbidden(&workspace(of, on, kind));
        assert_eq!(wrong("contract-diff", "contract-lint", None), ["contract-diff must not depend on contract-lint"]);
        assert_eq!(wrong("contract-diff", "contract-lint", Some("build")).len(), 1);
        assert!(wrong("contract-diff", "contract-lint", Some("dev")).is_empty());
        assert!(wrong("contract-diff", "contract", None).is_empty());
        assert_eq!(
            wrong("partner-center-emulator", "partner-center-orders", Some("dev")),
            ["partner-center-emulator must not depend on partner-center-orders"]
        );
    }

    #[test]
    fn a_new_crate_needs_a_row() {
        assert_eq!(forbidden(&workspace("moon", "contract", None)), ["moon has no row in ARROWS"]);
    }
}
