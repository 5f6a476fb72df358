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
    /// Judges payloads against the contract: 0 valid, 1 findings, 2 unusable; the highest of all files counts.
    Validate(validate::Arguments),
    /// Says how captured traffic departs from the contract: 0 not at all, 1 it does, 2 a capture is unusable.
    Conform(conform::Arguments),
    /// Stands in for the service until Ctrl-C; its first line says as JSON where, and what to sign in with.
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
