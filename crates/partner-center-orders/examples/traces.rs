//! Exports the spans of calls through OpenTelemetry, here to the terminal.
//!
//! `cargo run --example traces -- CUSTOMER`, with the variables that `PartnerCenterBuilder::from_env` names.

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use partner_center_orders::PartnerCenter;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let customer = std::env::args().nth(1).ok_or("pass a customer's tenant id")?.parse()?;
    let provider =
        SdkTracerProvider::builder().with_simple_exporter(opentelemetry_stdout::SpanExporter::default()).build();
    let tracer = provider.tracer("shop");
    // At debug level, spans also have addresses, which contain the customer's id.
    let spans = tracing_opentelemetry::layer().with_tracer(tracer).with_filter(LevelFilter::INFO);
    tracing_subscriber::registry().with(spans).try_init()?;

    let orders = PartnerCenter::from_env()?.customer(customer).orders().list().await?;
    println!("{} orders", orders.len());

    provider.shutdown()?;
    Ok(())
}
