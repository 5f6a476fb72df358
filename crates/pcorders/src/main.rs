//! `pcorders`, the command line for orders in Microsoft's Partner Center.

mod conform;
mod emulate;
mod excerpt;
mod input;
mod orders;
mod output;
mod schema;
mod validate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Orders in Microsoft's Partner Center.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Reads a customer's orders.
    Orders(orders::Arguments),
    /// Validates payloads against the contract: exits with 0 if valid, 1 if there are findings, 2 if a file is unusable.
    Validate(validate::Arguments),
    /// Compares captured traffic with the contract: exits with 0 if it conforms, 1 if not, 2 if a capture is unusable.
    Conform(conform::Arguments),
    /// Simulates the service until Ctrl-C; prints its addresses and credentials as one line of JSON.
    Emulate(emulate::Arguments),
    /// Prints a schema of the contract as JSON Schema, draft 2020-12.
    Schema(schema::Arguments),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Orders(arguments) => orders::run(arguments).await,
        Command::Validate(arguments) => validate::run(&arguments),
        Command::Conform(arguments) => conform::run(&arguments),
        Command::Emulate(arguments) => emulate::run(arguments).await,
        Command::Schema(arguments) => schema::run(&arguments),
    }
}
