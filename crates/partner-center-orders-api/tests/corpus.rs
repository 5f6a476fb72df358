//! Recorded and documented payloads go through the types without loss.
//!
//! They are not part of the repository: `ORDER_CORPUS` names the folders, separated as in `PATH`. The `index.tsv` of each lists
//! file, operation, direction, schema, whether it is valid JSON, and quirks. Without it, the test prints that and passes.
//! Payloads of operations that the contract doesn't have are only counted.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

#[path = "../examples/roundtrip/schemas.rs"]
mod schemas;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;

use partner_center_orders_api::enums;
use partner_center_orders_api::runtime::decode;
use partner_center_orders_schema::{Operation, Schema};
use schemas::{Conversion, Failure, is_named_like_a_request};
use serde_json::{Number, Value};

/// Prints a line even if the test passes: the harness captures `println!`.
fn print(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").unwrap();
}

struct Payload {
    file: String,
    operation: String,
    is_request: bool,
    schema: String,
    is_json: bool,
    bytes: Vec<u8>,
}

fn payloads(folder: &Path) -> Vec<Payload> {
    let index = std::fs::read_to_string(folder.join("index.tsv")).unwrap();
    let mut lines = index.lines();
    let columns: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let column = |name: &str| columns.iter().position(|column| *column == name).unwrap();
    let (file, operation, direction) = (column("file"), column("operation"), column("direction"));
    let (schema, is_json) = (column("schema"), column("valid_json"));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            Payload {
                file: cells[file].to_owned(),
                operation: cells[operation].replace('-', "_"),
                is_request: cells[direction] == "request",
                schema: cells[schema].split(" (page says").next().unwrap().to_owned(),
                is_json: cells[is_json] == "yes",
                bytes: std::fs::read(folder.join(cells[file])).unwrap(),
            }
        })
        .collect()
}

impl Payload {
    /// The JSON that should be written: for a request, with the contract's names.
    fn expected(&self) -> Value {
        let payload: Value = decode(&self.bytes).unwrap();
        match (self.is_request, self.schema.as_str()) {
            (true, "Order (partial)") => Schema::named("OrderPatch").unwrap().canonical_names(payload),
            (true, schema) => Schema::named(schema).unwrap().write_form().canonical_names(payload),
            (false, schema) if is_named_like_a_request(&self.bytes) => {
                Schema::named(schema).unwrap().canonical_names(payload)
            }
            (false, _) => payload,
        }
    }
}

/// The differences between a payload and the same written again, harmless or not.
#[derive(Debug, Default)]
struct Differences {
    harmless: Vec<String>,
    losses: Vec<String>,
}

impl Differences {
    fn between(before: &Value, after: &Value) -> Self {
        let mut differences = Self::default();
        differences.compare("", before, after);
        differences
    }

    fn compare(&mut self, pointer: &str, before: &Value, after: &Value) {
        match (before, after) {
            (Value::Object(before), Value::Object(after)) => {
                let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
                for name in names {
                    let pointer = format!("{pointer}/{name}");
                    match (before.get(name), after.get(name)) {
                        (Some(before), Some(after)) => self.compare(&pointer, before, after),
                        (Some(Value::Null), None) => self.harmless.push(format!("{pointer}: null is left out")),
                        (before, after) => self.losses.push(format!("{pointer}: {before:?} became {after:?}")),
                    }
                }
            }
            (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
                for (at, (before, after)) in before.iter().zip(after).enumerate() {
                    self.compare(&format!("{pointer}/{at}"), before, after);
                }
            }
            (Value::Number(before), Value::Number(after)) if same_number(before, after) => {
                if before != after {
                    self.harmless.push(format!("{pointer}: {before} is written {after}"));
                }
            }
            (Value::String(before), Value::String(after))
                if before != after && before.eq_ignore_ascii_case(after) && known_values().contains(after.as_str()) =>
            {
                self.harmless.push(format!("{pointer}: {before} is written {after}"));
            }
            (before, after) if before == after => {}
            (before, after) => self.losses.push(format!("{pointer}: {before} became {after}")),
        }
    }
}

fn same_number(one: &Number, other: &Number) -> bool {
    one == other || one.as_f64() == other.as_f64()
}

/// Every value that an enum of the contract knows.
fn known_values() -> BTreeSet<&'static str> {
    macro_rules! values {
        ($($name:ident)*) => { [$(enums::$name::ALL.iter().map(enums::$name::as_str).collect::<Vec<_>>()),*] };
    }
    values! {
        AttachmentType BillingCycle BillingCycleFilter BillingType CartStatus ContractType FulfillmentStatus
        OrderLineTransactionType OrderRecordType OrderStatus OrderTransactionType ParticipantRole
        SubscriptionProvisioningState SubscriptionStatus
    }
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn every_payload_goes_through_without_loss() {
    let Some(folders) = std::env::var_os("ORDER_CORPUS") else {
        print("skipped: ORDER_CORPUS names no folder");
        return;
    };
    for folder in std::env::split_paths(&folders) {
        goes_through_without_loss(&folder);
    }
}

fn goes_through_without_loss(folder: &Path) {
    let mut read: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut elsewhere = 0;
    for payload in payloads(folder) {
        let file = &payload.file;
        let Ok(conversion) = Conversion::named(&payload.schema, payload.is_request) else {
            if Operation::named(&payload.operation).is_err() {
                elsewhere += 1;
                if !payload.is_json && decode::<Value>(&payload.bytes).is_ok() {
                    wrong.push(format!("{file}: can be read, though it isn't JSON"));
                }
                continue;
            }
            print(&format!("{file}: skipped, its schema is given as {}", payload.schema));
            if payload.schema != "-" {
                wrong.push(format!("{file}: unknown schema {}", payload.schema));
            }
            continue;
        };
        match conversion.apply(&payload.bytes) {
            Ok(written) => {
                let written: Value = serde_json::from_str(&written).unwrap();
                let Differences { harmless, losses } = Differences::between(&payload.expected(), &written);
                let direction = if payload.is_request { " as a request" } else { "" };
                *read.entry(format!("{}{direction}", payload.schema)).or_default() += 1;
                for difference in harmless {
                    print(&format!("{file}: {difference}"));
                }
                wrong.extend(losses.into_iter().map(|loss| format!("{file}: {loss}")));
            }
            Err(failure) => {
                print(&format!("{file}: {failure}"));
                let has_position = matches!(
                    &failure, Failure::Unreadable { error, .. } if error.line() > 0 && error.column() > 0
                );
                if payload.is_json || !has_position {
                    wrong.push(format!("{file}: {failure}"));
                }
            }
        }
    }
    for (schema, count) in &read {
        print(&format!("{count:>3} read without loss: {schema}"));
    }
    print(&format!("{elsewhere:>3} of operations that are not in the contract"));
    assert!(!read.is_empty(), "{} has no payload that can be read", folder.display());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn losses_are_distinguished_from_harmless_differences() {
    let harmless =
        [(r#"{"a":1.0,"b":null,"status":"Completed"}"#, r#"{"status":"completed","a":1}"#), ("[1e2]", "[100]")];
    for (before, after) in harmless {
        let (before, after) = (serde_json::from_str(before).unwrap(), serde_json::from_str(after).unwrap());
        let differences = Differences::between(&before, &after);
        assert!(differences.losses.is_empty() && !differences.harmless.is_empty(), "{differences:?}");
    }
    let losses = [
        (r#"{"a":"1"}"#, r#"{"a":1}"#),
        (r#"{"a":1}"#, "{}"),
        ("{}", r#"{"a":null}"#),
        (r#"{"a":""}"#, "{}"),
        (r#"{"a":[]}"#, "{}"),
        (r#"["some text"]"#, r#"["Some text"]"#),
        ("[1]", "[1,1]"),
        ("[null]", "[]"),
        ("19.9", "19.91"),
    ];
    for (before, after) in losses {
        let (before, after) = (serde_json::from_str(before).unwrap(), serde_json::from_str(after).unwrap());
        assert_eq!(Differences::between(&before, &after).losses.len(), 1, "{before} {after}");
    }
}
