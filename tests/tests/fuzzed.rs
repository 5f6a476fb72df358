//! The properties of the fuzz targets, on the inputs that are kept: seeds and former findings.

#![allow(unreachable_pub, missing_docs, clippy::expect_used, reason = "shared with the fuzz targets")]

use std::fs;
use std::path::Path;

use test_support::listed::assert_complete;

#[path = "../../fuzz/src/lib.rs"]
mod targets;

#[track_caller]
fn hold(target: &str, check: fn(&[u8])) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    let mut inputs = 0;
    for kind in ["seeds", "regressions"] {
        let Ok(folder) = fs::read_dir(fuzz.join(kind).join(target)) else { continue };
        for entry in folder {
            let path = entry.expect("the folder can be read").path();
            // Shown only if the check fails.
            println!("{}", path.display());
            check(&fs::read(path).expect("the input can be read"));
            inputs += 1;
        }
    }
    assert!(inputs > 0, "{target} has no inputs");
}

macro_rules! targets {
    ($($target:ident)*) => {
        $(
            #[test]
            fn $target() {
                hold(stringify!($target), targets::$target::check);
            }
        )*

        #[test]
        fn every_target_is_run() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/fuzz_targets");
            let mut files: Vec<String> = fs::read_dir(folder)
                .expect("the folder can be read")
                .map(|entry| entry.expect("the folder can be read").file_name().to_string_lossy().into_owned())
                // Its inputs are read by a test of the validator itself.
                .filter(|file| file != "schema_validate.rs")
                .collect();
            files.sort();
            assert_eq!(files, [$(concat!(stringify!($target), ".rs")),*]);
        }
    };
}

targets! {
    contract_loading emulator_request har_reading links money multipart payload_decode retry_after timestamp
}

#[test]
fn every_type_of_the_contract_is_decoded() {
    let client = include_str!("../../crates/partner-center-orders-api/src/generated/client.rs");
    let (_, rest) = client.split_once("pub mod types").expect("a module of types");
    let (declared, _) = rest.split_once("pub mod builder").expect("a module of builders");
    let declared = declared.lines().filter_map(|line| line.strip_prefix("    pub struct "));
    let declared = declared.filter_map(|line| line.split([' ', '<', '(']).next());
    let types = targets::payload_decode::TYPES.iter().map(|(name, _)| *name);
    assert_complete("`TYPES` in fuzz/src/payload_decode.rs", types, declared);
}
