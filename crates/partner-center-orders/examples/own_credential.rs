//! Uses tokens from another source: here from a command that prints one.
//!
//! `cargo run --example own_credential -- CUSTOMER COMMAND ARGUMENT…`

use std::time::Duration;

use partner_center_orders::identity::{AccessToken, CredentialContext};
use partner_center_orders::{BoxFuture, Credential, CredentialError, PartnerCenter, PartnerCenterBuilder};

#[derive(Debug)]
struct FromCommand {
    command: Vec<String>,
}

impl Credential for FromCommand {
    fn access_token<'a>(
        &'a self,
        context: &'a CredentialContext,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async move {
            let output = std::process::Command::new(&self.command[0]).args(&self.command[1..]).output();
            let token =
                String::from_utf8(output.map_err(CredentialError::other)?.stdout).map_err(CredentialError::other)?;
            Ok(AccessToken::new(token.trim(), context.now() + Duration::from_secs(3000)))
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let customer = arguments.next().ok_or("pass a customer's tenant id")?.parse()?;
    let command: Vec<_> = arguments.collect();
    if command.is_empty() {
        return Err("pass a command that prints a token".into());
    }

    let partner = builder().credential(FromCommand { command }).build()?;

    println!("{} orders", partner.customer(customer).orders().list().await?.len());
    Ok(())
}

/// A client of the service, or of the base address in the environment.
fn builder() -> PartnerCenterBuilder {
    match std::env::var("PARTNER_CENTER_BASE_URL") {
        Ok(base_url) => PartnerCenter::builder().base_url(base_url),
        Err(_) => PartnerCenter::builder(),
    }
}
