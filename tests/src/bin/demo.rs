//! The program behind `cargo xtask demo`: an order from the service to the screen.

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use partner_center_emulator::{Clock, Emulator};
use partner_center_orders::api::runtime::HttpTransport;
use partner_center_orders::types::Order;
use partner_center_orders::{BoxFuture, SendRequest, TransportError, TransportErrorKind, Uuid};
use partner_center_orders_schema::{Schema, Validator};
use partner_center_testing as testing;

/// The customer in the service's documentation.
const DOCUMENTED_CUSTOMER: Uuid = Uuid::from_u128(0xb0d7_0a69_4c42_4b27_b17b_91a8_35d8_686a);
const DOCUMENTED_ORDER: &str = "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1";
/// An order that doesn't exist.
const UNKNOWN_ORDER: &str = "000000000000";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let seed = match seed(std::env::args().skip(1)) {
        Ok(seed) => seed,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::from(2);
        }
    };
    match demo(seed, &mut std::io::stdout().lock()).await {
        Ok(()) => ExitCode::SUCCESS,
        // The reader closed the pipe.
        Err(error)
            if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) =>
        {
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("the demo failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn seed(mut arguments: impl Iterator<Item = String>) -> Result<Option<u64>, String> {
    match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => Ok(None),
        (Some("--seed"), Some(seed)) => {
            seed.parse().map(Some).map_err(|_| format!("--seed takes a whole number, not `{seed}`"))
        }
        _ => Err("usage: demo [--seed N]".to_owned()),
    }
}

async fn demo(seed: Option<u64>, out: &mut impl io::Write) -> Result<(), Box<dyn Error>> {
    let emulator = match seed {
        None => Emulator::builder().start().await?,
        Some(seed) => {
            // Generated orders are dated back from now: with a stopped clock, a seed shows the same every day.
            let clock = Clock::stopped_at("2026-01-15T09:00:00Z".parse()?);
            Emulator::builder().clock(clock).empty().seed(seed).generated(1, 5).start().await?
        }
    };
    writeln!(out, "The emulator simulates Partner Center at {}.\n", emulator.base_url())?;

    // The emulator is on this machine, so the environment's proxy doesn't apply.
    let http = HttpTransport::http_client().no_proxy().build()?;
    let recorder = Recorder { http, last_body: Arc::default() };
    let partner = testing::builder(&emulator).send_with(recorder.clone()).build()?;

    partner.sign_in().await?;
    writeln!(out, "Signed in as an app of the partner {}.\n", emulator.tenant())?;

    let customer = if seed.is_none() { DOCUMENTED_CUSTOMER } else { emulator.customers()[0] };
    let orders = partner.customer(customer).orders();
    let all = orders.list().await?;
    writeln!(out, "Orders of the customer {customer}:\n\n{}", table(&all))?;
    writeln!(out, "{}", recorder.validate_last("list_orders", Schema::ORDER_COLLECTION)?)?;

    let id = if seed.is_none() { DOCUMENTED_ORDER } else { all.first().map_or(UNKNOWN_ORDER, |order| &order.id) };
    let order = orders.get(id).await?;
    writeln!(out, "{}", details(&order))?;
    writeln!(out, "{}", recorder.validate_last("get_order", Schema::ORDER)?)?;

    writeln!(out, "An order that doesn't exist:\n")?;
    match orders.get(UNKNOWN_ORDER).await {
        Ok(_) => return Err(format!("the emulator knows an order {UNKNOWN_ORDER}").into()),
        Err(error) => writeln!(out, "    error: {error}")?,
    }
    Ok(())
}

fn table(orders: &[Order]) -> String {
    const HEADINGS: [&str; 6] = ["id", "created", "status", "billing cycle", "currency", "lines"];
    let text = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(orders.iter().map(|order| {
        [
            order.id.clone(),
            order.creation_date.instant().map_or_else(
                || order.creation_date.to_string(),
                |instant| instant.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
            ),
            text(order.status.as_ref().map(ToString::to_string)),
            text(order.billing_cycle.as_ref().map(ToString::to_string)),
            text(order.currency_code.clone()),
            order.line_items.len().to_string(),
        ]
    }));
    let mut widths = [0; HEADINGS.len()];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    rows.insert(1, widths.map(|width| "-".repeat(width)));
    let mut table = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        // Writing to a string can't fail.
        let _ = writeln!(table, "    {}", cells.join("  ").trim_end());
    }
    table
}

fn details(order: &Order) -> String {
    let mut text = format!("The order {}:\n\n", order.id);
    for line in &order.line_items {
        let name = line.friendly_name.as_deref().unwrap_or("(no name)");
        let _ = writeln!(text, "    {} x {name} (offer {})", line.quantity, line.offer_id);
    }
    text
}

/// Sends as the wrapper would, and keeps the last body as received.
#[derive(Clone, Debug)]
struct Recorder {
    http: reqwest::Client,
    last_body: Arc<Mutex<Vec<u8>>>,
}

impl Recorder {
    /// Validates the last body.
    fn validate_last(&self, operation: &str, schema: Schema) -> Result<String, Box<dyn Error>> {
        let body = self.last_body.lock().unwrap_or_else(PoisonError::into_inner);
        let report = Validator::new(schema).strict().validate(&body)?;
        if !report.is_valid() {
            return Err(format!("the response to {operation} doesn't conform to the contract:\n{report}").into());
        }
        Ok(format!("    The {} bytes of this response are a valid {} in strict mode.\n", body.len(), schema.name()))
    }
}

impl SendRequest for Recorder {
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        Box::pin(async move {
            let mut response = self.http.execute(request).await?;
            let mut rebuilt = http::Response::new(());
            *rebuilt.status_mut() = response.status();
            *rebuilt.headers_mut() = std::mem::take(response.headers_mut());
            let body = response
                .bytes()
                .await
                .map_err(|error| TransportError::with_source(TransportErrorKind::Interrupted, error.without_url()))?;
            body.as_ref().clone_into(&mut *self.last_body.lock().unwrap_or_else(PoisonError::into_inner));
            Ok(rebuilt.map(|()| body).into())
        })
    }
}
