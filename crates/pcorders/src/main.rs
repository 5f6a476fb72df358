//! `pcorders`, the command line for orders in Microsoft's Partner Center.

mod orders;

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
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Orders(arguments) => orders::run(arguments).await,
    }
}
