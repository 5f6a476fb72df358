//! Dependencies point one way: between the crates of the workspace, and between the modules of each.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod crates;
mod cycles;
mod modules;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crates::forbidden;
use cycles::{Found, cycles};
use modules::Crate;
use serde_json::Value;

/// Arrows that close a cycle and are known, a line each: the crate and module around, and from which child to which. One that is
/// gone, or is no longer part of a cycle, has to go from here too.
const KNOWN: &[&str] = &[
    // The generated tables hold what the crate's own modules look up in them.
    "partner_center_orders_schema: generated -> operation",
    "partner_center_orders_schema: generated -> schema",
    "partner_center_orders_api: generated -> runtime",
    "partner_center_orders_api: generated -> wire",
];

/// The workspace, as cargo describes it.
fn metadata() -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn crates_depend_on_no_others_than_they_may() {
    let wrong = forbidden(&metadata());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is found in the libraries and programs of a package.
fn of_package(package: &Value) -> Vec<Found> {
    let targets = package["targets"].as_array().unwrap().iter();
    let built = targets.filter(|target| matches!(target["kind"][0].as_str(), Some("lib" | "bin" | "proc-macro")));
    let found = |target: &Value| {
        let root = Path::new(target["src_path"].as_str().unwrap());
        let tree = Crate::read(root, &|path| std::fs::read_to_string(path).ok());
        cycles(target["name"].as_str().unwrap(), &tree, KNOWN)
    };
    built.map(found).collect()
}

#[test]
fn modules_depend_on_each_other_one_way() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    // Syntax trees are read slowly by code that isn't optimised.
    let found: Vec<Found> = std::thread::scope(|scope| {
        let threads: Vec<_> = packages.iter().map(|package| scope.spawn(|| of_package(package))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let new: Vec<String> = found.iter().flat_map(|found| &found.cycles).map(ToString::to_string).collect();
    let arrows: BTreeSet<&str> = found.iter().flat_map(|found| &found.arrows).map(String::as_str).collect();
    assert!(new.is_empty(), "new cycles between modules:\n{}", new.join("\n"));
    let gone: Vec<_> = KNOWN.iter().filter(|arrow| !arrows.contains(*arrow)).collect();
    assert!(gone.is_empty(), "take what is part of no cycle out of KNOWN: {gone:#?}");
}
