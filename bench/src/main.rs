//! Measures one comparison, named by the arguments, and prints its samples as one JSON object.
//!
//! `cargo xtask bench` builds and calls this, and checks what it prints.

mod calls;
mod count;
mod decode;
mod held;
mod measure;
mod payload;
mod plain;
mod stream;
mod throttled;
mod verdict;

use std::process::ExitCode;

use std::future::Future;
use std::pin::Pin;

use measure::Effort;
use serde_json::Value;

/// The response of a sender.
type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

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
    let number = |word: &str| word.parse::<usize>().map_err(|_| format!("`{word}` is not a number"));
    match words {
        ["decode", count] => decode::run(effort, number(count)?, false),
        ["decode-unknown", count] => decode::run(effort, number(count)?, true),
        ["encode", count] => decode::encode(effort, number(count)?),
        ["serve"] => calls::serve().map(|()| Value::Null),
        ["calls", address, "order"] => calls::run(effort, address, false),
        ["calls", address, "list"] => calls::run(effort, address, true),
        ["stream", "ours", count] => stream::ours(number(count)?),
        ["stream", "peer", count] => stream::peer(number(count)?),
        ["held", "ours", count] => held::ours(number(count)?),
        ["held", "peer", count] => held::peer(number(count)?),
        ["count", task, times] => count::run(task, number(times)?),
        ["throttled", reads] => throttled::run(number(reads)?),
        ["verdict"] => verdict::run(effort),
        ["verdict-input"] => verdict::input(),
        _ => Err(format!("nothing is measured under {words:?}")),
    }
}
