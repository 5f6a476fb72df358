//! Samples of the service's documentation, from folders that are not part of this repository.
//!
//! `ORDER_CORPUS` names the folders, separated as in `PATH`; the `index.tsv` of each lists the files. Without it the tests are
//! skipped, with a message. Samples of operations that the contract doesn't have are left out.
//! `recorded_samples.tsv` has the findings of strict validation, without text of the samples, each with an explanation, so that
//! a change is visible in review. `ORDER_CORPUS_REPORT=write` rewrites it, which takes all folders; the explanation of a new
//! finding is written by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use partner_center_orders_schema::{Operation, Schema, Validator};

struct Sample {
    file: String,
    text: Vec<u8>,
    validator: Validator,
}

/// Returns the samples that are JSON, or those that aren't; `None` without a folder.
fn samples(json: bool) -> Option<Vec<Sample>> {
    let Some(folders) = env::var_os("ORDER_CORPUS") else {
        eprintln!("skipped: ORDER_CORPUS names no folder of samples");
        return None;
    };
    Some(env::split_paths(&folders).flat_map(|folder| samples_of(&folder, json)).collect())
}

fn samples_of(folder: &Path, json: bool) -> Vec<Sample> {
    let index = fs::read_to_string(folder.join("index.tsv")).expect("the folder has an index");
    let rows = index.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let rows: Vec<_> = rows.filter(|row| (row[4] == "yes") == json).collect();
    assert!(rows.len() > 30 || !json, "only {} samples in {}", rows.len(), folder.display());
    rows.iter()
        .filter_map(|row| {
            let text = fs::read(folder.join(row[0])).expect("every sample of the index is there");
            let validator = validator(row[3], row[1], json)?;
            let validator = if row[2] == "request" || is_named_like_a_request(&text) {
                Validator::named(validator.schema().name()).expect("the contract has its own schemas").request()
            } else {
                validator
            };
            Some(Sample { file: row[0].to_owned(), text, validator })
        })
        .collect()
}

/// Returns the validator for the name in the index; `None` for a schema of an operation that the contract doesn't have.
fn validator(name: &str, operation: &str, json: bool) -> Option<Validator> {
    let schema = name.split(" (page says").next().expect("a split has a first part");
    let known = match schema {
        // The gateway's error responses are faults with other members.
        "gateway error / audit collection" => Ok(Validator::new(Schema::FAULT)),
        name if name.contains("(multipart)") => Ok(Validator::new(Schema::ATTACHMENT_METADATA)),
        name => Validator::named(name),
    };
    if let Ok(validator) = known {
        return Some(validator);
    }
    // A malformed sample is one of any schema.
    if !json {
        return Some(Validator::new(Schema::NEW_CART));
    }
    let operation = operation.replace('-', "_");
    assert!(Operation::named(&operation).is_err(), "{operation}: the contract has no schema {name}");
    None
}

/// Whether the names of an object begin with capital letters, all of them: pages of 2022 print a response like the request
/// before it.
fn is_named_like_a_request(text: &[u8]) -> bool {
    let is_capital = |name: &String| name.starts_with(|letter: char| letter.is_ascii_uppercase());
    serde_json::from_slice::<serde_json::Value>(text)
        .ok()
        .and_then(|value| value.as_object().map(|object| !object.is_empty() && object.keys().all(is_capital)))
        .unwrap_or(false)
}

#[test]
fn every_sample_is_valid_when_lenient() {
    let Some(samples) = samples(true) else { return };
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
    let before = fs::read_to_string(&path).unwrap_or_default();
    let explanations: BTreeMap<&str, &str> = before.lines().filter_map(|row| row.rsplit_once('\t')).collect();
    let files: BTreeSet<&str> = samples.iter().map(|sample| sample.file.as_str()).collect();
    let mut report = "file\tpointer\treason\texplanation\n".to_owned();
    for sample in &samples {
        let strict = sample.validator.strict().validate(&sample.text).expect("the sample is JSON");
        for finding in strict.findings {
            let row = format!("{}\t{}\t{}", sample.file, finding.pointer, finding.code);
            writeln!(report, "{row}\t{}", explanations.get(row.as_str()).unwrap_or(&"")).unwrap();
        }
    }
    if env::var_os("ORDER_CORPUS_REPORT").is_some_and(|task| task == "write") {
        fs::write(&path, &report).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    // Where one folder of several is there, so are its rows.
    let row_is_there = |row: &&str| row.split('\t').next().is_some_and(|file| file == "file" || files.contains(file));
    let known: Vec<&str> = known.lines().filter(row_is_there).collect();
    let report: Vec<&str> = report.lines().collect();
    assert_eq!(known, report, "ORDER_CORPUS_REPORT=write rewrites {}", path.display());
    let unexplained: Vec<&&str> = known.iter().filter(|row| row.ends_with('\t')).collect();
    assert!(unexplained.is_empty(), "without an explanation: {unexplained:#?}");
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
