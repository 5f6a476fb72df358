//! Every example of the contract is valid when validated strictly, by every method.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::collections::BTreeSet;
use std::fs;

use partner_center_orders_schema::{Direction, Operation, Schema, Validator};

/// Returns name, text and validator of each JSON example.
fn examples() -> Vec<(String, Vec<u8>, Validator)> {
    let mut examples: Vec<_> = fs::read_dir(common::examples())
        .expect("the contract has examples")
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let validator = validator(&name);
            (name, fs::read(path).unwrap(), validator.strict())
        })
        .collect();
    examples.sort_by(|one, other| one.0.cmp(&other.0));
    examples
}

/// Returns the validator by an example's name: `OPERATION.DIRECTION`, or the name of a schema.
fn validator(name: &str) -> Validator {
    let mut parts = name.split('.');
    let (subject, direction) = (parts.next().unwrap(), parts.next());
    if let Ok(operation) = Operation::named(subject) {
        return match direction {
            Some("request") => Validator::new(operation.request().unwrap()).request(),
            Some("response") => Validator::new(operation.success().unwrap()),
            other => panic!("{name}: unknown direction {other:?}"),
        };
    }
    match subject {
        "fault" => Validator::new(Schema::FAULT),
        "oauth_token" => Validator::new(Schema::OAUTH_TOKEN),
        "oauth_error" => Validator::new(Schema::OAUTH_ERROR),
        "attachment_metadata" => Validator::new(Schema::ATTACHMENT_METADATA).request(),
        other => panic!("{other} is neither an operation nor a known subject"),
    }
}

#[test]
fn every_example_is_valid_when_strict() {
    let mut wrong = Vec::new();
    for (name, text, validator) in examples() {
        match validator.validate(&text) {
            Ok(report) if report.is_valid() => {}
            Ok(report) => wrong.push(format!("{name}:\n{report}")),
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_method_returns_the_same_verdict() {
    for (name, text, validator) in examples() {
        let value: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let with_mark = [b"\xef\xbb\xbf".as_slice(), &text].concat();
        assert!(validator.is_valid(&text), "{name}: bytes");
        assert!(validator.is_valid(&with_mark), "{name}: bytes after a byte order mark");
        assert!(validator.is_valid_value(&value), "{name}: a value");
        assert!(validator.validate_value(&value).unwrap().is_valid(), "{name}: findings about a value");
        assert!(validator.validate_typed(&value).unwrap().is_valid(), "{name}: findings about a typed value");
    }
}

#[test]
fn every_operation_has_an_example_for_each_body() {
    let names: BTreeSet<String> =
        examples().into_iter().map(|(name, ..)| name.split('.').take(2).collect::<Vec<_>>().join(".")).collect();
    for operation in Operation::all() {
        for (direction, schema) in
            [(Direction::Request, operation.request()), (Direction::Response, operation.success())]
        {
            let name = format!("{}.{direction}", operation.id());
            assert!(schema.is_none() || names.contains(&name), "{name} has no example");
        }
    }
}
