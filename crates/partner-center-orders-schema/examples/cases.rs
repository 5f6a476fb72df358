//! Writes payloads with this crate's result, for another validator to check with the exported schemas.
//!
//! The first line is a JSON object with the schemas by name. Each further line is a case: a description (`what`), the name
//! of its `schema`, its `payload` as text, and whether it is `valid`. `.ci/validators/second-opinion.sh` runs this. If
//! `ORDER_CORPUS` names folders of samples, separated as in `PATH`, they are included.

#[path = "../tests/common/mod.rs"]
mod common;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::{env, fs};

use partner_center_orders_schema::{Operation, Schema};
use serde_json::{Value, json};

/// The number of changes of each payload for each mode.
const MUTATIONS: usize = 60;

fn main() -> Result<(), Box<dyn Error>> {
    let mut subjects = examples()?;
    for folder in env::var_os("ORDER_CORPUS").iter().flat_map(env::split_paths) {
        subjects.extend(samples(&folder)?);
    }
    let mut schemas = BTreeMap::new();
    let mut cases = Vec::new();
    for (name, schema, payload) in subjects {
        for (mode, validator) in common::validators(schema) {
            let key = format!("{} {mode}", validator.schema());
            schemas.entry(key.clone()).or_insert_with(|| validator.json_schema());
            let mutations = common::thinned(common::mutations(&payload), MUTATIONS);
            let changed = mutations.into_iter().map(|mutation| (mutation.what, mutation.payload));
            for (change, payload) in std::iter::once(("unchanged".to_owned(), payload.clone())).chain(changed) {
                // JSON Schema can't express names in any letter case.
                if mode.ends_with("request") && !is_camel_case(&payload) {
                    continue;
                }
                let text = serde_json::to_string(&payload)?;
                let valid = validator.is_valid(text.as_bytes());
                let what = format!("{name} {change}");
                cases.push(json!({ "what": what, "schema": key, "payload": text, "valid": valid }));
            }
        }
    }
    let mut out = BufWriter::new(io::stdout().lock());
    writeln!(out, "{}", json!(schemas))?;
    for case in cases {
        writeln!(out, "{case}")?;
    }
    out.flush()?;
    Ok(())
}

type Subject = (String, Schema, Value);

/// Returns the contract's examples; their names begin with the operation.
fn examples() -> Result<Vec<Subject>, Box<dyn Error>> {
    let mut subjects = Vec::new();
    for entry in fs::read_dir(common::examples())? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let mut parts = name.split('.');
        let operation = parts.next().and_then(|id| Operation::named(id).ok());
        let schema = match (operation, parts.next()) {
            (Some(operation), Some("request")) => operation.request(),
            (Some(operation), Some("response")) => operation.success(),
            _ if name.starts_with("fault.") => Some(Schema::FAULT),
            _ => None,
        };
        if let Some(schema) = schema
            && let Ok(payload) = serde_json::from_slice(&fs::read(&path)?)
        {
            subjects.push((name, schema, payload));
        }
    }
    subjects.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(subjects)
}

/// Returns the samples of the documentation.
fn samples(folder: &Path) -> Result<Vec<Subject>, Box<dyn Error>> {
    let index = fs::read_to_string(folder.join("index.tsv"))?;
    let mut subjects = Vec::new();
    for row in index.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>()) {
        let [file, _, _, name, "yes", ..] = *row.as_slice() else { continue };
        let Ok(schema) = Schema::named(name) else { continue };
        subjects.push((file.to_owned(), schema, serde_json::from_slice(&fs::read(folder.join(file))?)?));
    }
    Ok(subjects)
}

/// Whether no name begins with an upper-case letter.
fn is_camel_case(value: &Value) -> bool {
    match value {
        Value::Array(values) => values.iter().all(is_camel_case),
        Value::Object(object) => object
            .iter()
            .all(|(name, value)| !name.starts_with(|letter: char| letter.is_ascii_uppercase()) && is_camel_case(value)),
        _ => true,
    }
}
