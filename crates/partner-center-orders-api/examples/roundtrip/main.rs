//! Reads a JSON payload as a type of the contract, and prints it written again.
//!
//! ```sh
//! cargo run -p partner-center-orders-api --example roundtrip -- Order < order.json
//! cargo run -p partner-center-orders-api --example roundtrip -- Order --request < order.json   # as NewOrder
//! ```
//!
//! With `--request` members may be named in any letter case, as the service reads them. So may those of a response whose
//! own names all begin with capital letters, as some pages of the documentation print one.
//!
//! Exit status: 0 when it was read, 1 when the payload can't be read as that type, 2 when the call is wrong.

mod schemas;

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

const USAGE: &str = "usage: roundtrip SCHEMA [--request] < payload.json";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (options, names): (Vec<&str>, Vec<&str>) =
        arguments.iter().map(String::as_str).partition(|argument| argument.starts_with('-'));
    let (schema, request) = match (names.as_slice(), options.as_slice()) {
        ([schema], []) => (schema, false),
        ([schema], ["--request"]) => (schema, true),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    let conversion = match schemas::Conversion::named(schema, request) {
        Ok(conversion) => conversion,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let mut payload = Vec::new();
    if let Err(error) = std::io::stdin().lock().read_to_end(&mut payload) {
        eprintln!("can't read the standard input: {error}");
        return ExitCode::from(2);
    }
    match conversion.apply(&payload) {
        Ok(text) => match writeln!(std::io::stdout().lock(), "{text}") {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("can't write to the standard output: {error}");
                ExitCode::from(2)
            }
        },
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
