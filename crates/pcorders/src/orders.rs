//! `pcorders orders`: reads orders, with credentials from the environment.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Subcommand;
use miette::{IntoDiagnostic as _, WrapErr as _};
use partner_center_orders::{PartnerCenter, Uuid};

use crate::output;

/// The orders to read. Credentials and base URL come from the environment; see `PartnerCenter::from_env`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Prints all orders of a customer, one JSON object per line.
    List {
        /// The customer's tenant id.
        customer: Uuid,
        /// Includes prices.
        #[arg(long)]
        include_price: bool,
    },
    /// Prints one order as JSON.
    Get {
        /// The customer's tenant id.
        customer: Uuid,
        /// The order's id.
        order: String,
        /// Includes prices.
        #[arg(long)]
        include_price: bool,
    },
}

pub(crate) async fn run(arguments: Arguments) -> ExitCode {
    match read(arguments.what).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(report) => {
            eprintln!("{report:?}");
            ExitCode::FAILURE
        }
    }
}

async fn read(what: What) -> miette::Result<()> {
    let partner =
        PartnerCenter::from_env().into_diagnostic().wrap_err("can't read the credentials from the environment")?;
    match what {
        What::List { customer, include_price } => {
            let mut call = partner.customer(customer).orders().list();
            if include_price {
                call = call.include_price();
            }
            for order in call.await.into_diagnostic()?.iter() {
                print(&serde_json::to_string(order).into_diagnostic()?)?;
            }
        }
        What::Get { customer, order, include_price } => {
            let mut call = partner.customer(customer).orders().get(order);
            if include_price {
                call = call.include_price();
            }
            print(&serde_json::to_string_pretty(&*call.await.into_diagnostic()?).into_diagnostic()?)?;
        }
    }
    Ok(())
}

/// Prints a line. If the reader has gone, as with `head`, the program ends with success.
fn print(line: &str) -> miette::Result<()> {
    match writeln!(std::io::stdout(), "{}", output::escaped_json(line)) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        outcome => outcome.into_diagnostic(),
    }
}
