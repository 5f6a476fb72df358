//! `pcorders schema`: exports the contract's schemas for editors and other languages.

use std::fmt::Write as _;
use std::process::ExitCode;

use partner_center_orders_schema::{Schema, Validator};

use crate::output;

/// The schema to print, and the rules to include.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The schema, by its name or title; without it, all schemas are listed.
    name: Option<String>,
    /// As a client sends it; a resource's name then means its write form.
    #[arg(long, conflicts_with = "response", requires = "name")]
    request: bool,
    /// As the service returns it; this is the default.
    #[arg(long, requires = "name")]
    response: bool,
    /// Rejects unknown members and values.
    #[arg(long, requires = "name")]
    strict: bool,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let Some(name) = &arguments.name else { return list() };
    let mut validator = match Validator::named(name) {
        Ok(validator) => validator,
        Err(error) => {
            eprintln!("{error}; `pcorders schema` lists them");
            return ExitCode::from(output::UNUSABLE);
        }
    };
    if arguments.request {
        validator = validator.request();
    }
    if arguments.strict {
        validator = validator.strict();
    }
    output::print_json(&validator.json_schema(), output::VALID)
}

fn list() -> ExitCode {
    let mut out = String::new();
    for schema in Schema::all() {
        let title = schema.title().map(|title| format!("  ({title})")).unwrap_or_default();
        // Writing into a String can't fail.
        let _ = writeln!(out, "{schema}{title}");
    }
    output::finish(&out, output::VALID)
}
