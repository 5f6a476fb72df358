//! Measures one comparison, named by the arguments, and prints its samples as one JSON object.
//!
//! `cargo xtask bench` builds and calls this, and judges what it prints.

mod decode;
mod measure;
mod payload;
mod plain;

use std::process::ExitCode;

use measure::Effort;
use serde_json::Value;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let words: Vec<&str> = arguments.iter().map(String::as_str).filter(|word| *word != "--quick").collect();
    match measured(&words, Effort::new(quick)) {
        Ok(value) => {
            println!("{value}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn measured(words: &[&str], effort: Effort) -> Result<Value, String> {
    let number = |word: &str| word.parse::<usize>().map_err(|_| format!("`{word}` is no number"));
    match words {
        ["decode", count] => decode::run(effort, number(count)?, false),
        ["decode-unknown", count] => decode::run(effort, number(count)?, true),
        ["encode", count] => decode::encode(effort, number(count)?),
        _ => Err(format!("nothing is measured under {words:?}")),
    }
}
