//! Samples of the service's documentation, from a folder that is not part of this repository.
//!
//! `ORDER_CORPUS` names the folder; its `index.tsv` lists the files. Without it the tests are skipped, with a message.
//! `recorded_samples.tsv` has the findings of strict validation, without text of the samples, so that a change is visible
//! in review; `ORDER_CORPUS_REPORT=write` rewrites it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use partner_center_orders_schema::{Schema, Validator};

struct Sample {
    file: String,
    text: Vec<u8>,
    validator: Validator,
}

/// Returns the samples that are JSON, or those that aren't; `None` without a folder.
fn samples(json: bool) -> Option<Vec<Sample>> {
    let Some(folder) = env::var_os("ORDER_CORPUS").map(PathBuf::from) else {
        eprintln!("skipped: ORDER_CORPUS names no folder of samples");
        return None;
    };
    let index = fs::read_to_string(folder.join("index.tsv")).expect("the folder has an index");
    let rows = index.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let samples = rows.filter(|row| (row[4] == "yes") == json).map(|row| {
        let request = row[2] == "request";
        Sample {
            file: row[0].to_owned(),
            text: fs::read(folder.join(row[0])).expect("every sample of the index is there"),
            validator: if request { validator(row[3]).request() } else { validator(row[3]) },
        }
    });
    Some(samples.collect())
}

/// Returns the validator for the name in the index.
fn validator(name: &str) -> Validator {
    match name {
        // The gateway's error responses are faults with other members.
        "gateway error / audit collection" => Validator::new(Schema::FAULT),
        // Malformed samples, of any schema.
        "-" => Validator::new(Schema::NEW_CART),
        name if name.contains("(multipart)") => Validator::new(Schema::ATTACHMENT_METADATA),
        name => Validator::named(name).expect("the index names schemas as the contract does"),
    }
}

#[test]
fn every_sample_is_valid_when_lenient() {
    let Some(samples) = samples(true) else { return };
    assert!(samples.len() > 30, "only {} samples", samples.len());
    let mut wrong = Vec::new();
    for sample in samples {
        let report = sample.validator.validate(&sample.text).expect("the sample is JSON");
        if !report.is_valid() {
            wrong.push(format!("{}:\n{report}", sample.file));
        }
        assert_eq!(sample.validator.is_valid(&sample.text), report.is_valid(), "{}", sample.file);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn strict_findings_equal_the_report() {
    let Some(samples) = samples(true) else { return };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded_samples.tsv");
    let mut report = "file\tpointer\treason\n".to_owned();
    for sample in samples {
        let strict = sample.validator.strict().validate(&sample.text).expect("the sample is JSON");
        for finding in strict.findings {
            writeln!(report, "{}\t{}\t{}", sample.file, finding.pointer, finding.code).unwrap();
        }
    }
    if env::var_os("ORDER_CORPUS_REPORT").is_some_and(|task| task == "write") {
        fs::write(&path, &report).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(known, report, "ORDER_CORPUS_REPORT=write rewrites {}", path.display());
}

#[test]
fn every_malformed_sample_is_a_syntax_error_with_a_hint() {
    let Some(samples) = samples(false) else { return };
    for sample in samples {
        let error = sample.validator.validate(&sample.text).expect_err(&sample.file);
        assert!(!sample.validator.is_valid(&sample.text), "{}", sample.file);
        assert!(error.hint.is_some(), "{}: no hint: {error}", sample.file);
    }
}
