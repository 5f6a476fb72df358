#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod in_memory;

use std::time::SystemTime;

use partner_center_emulator::Emulator;
use partner_center_orders::{ClientSecret, Clock, PartnerCenter, PartnerCenterBuilder, RateLimit, RefreshToken};

pub use self::in_memory::InMemory;

/// Returns a client of this emulator, ready for calls.
///
/// ```
/// use partner_center_emulator::Emulator;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let emulator = Emulator::start().await?;
/// let partner = partner_center_testing::client(&emulator);
///
/// let order = partner.customer(emulator.customers()[0]).orders().get("YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1").await?;
/// assert_eq!(order.line_items.len(), 1);
/// # Ok(()) }
/// ```
///
/// # Panics
///
/// If the HTTP client can't be built, as on a machine whose certificates can't be read. [`builder`] returns an error instead.
#[expect(clippy::expect_used, reason = "documented; the emulator's addresses and credential are valid")]
pub fn client(emulator: &Emulator) -> PartnerCenter {
    builder(emulator).build().expect("the HTTP client can be built")
}

/// Returns the builder of [`client`], to add settings to it or to replace some.
///
/// Settings of the HTTP client ([`PartnerCenterBuilder::configure_http`]) are applied after the one that disables proxies.
/// Plain http to the emulator uses no proxy in any case.
///
/// ```
/// use std::time::Duration;
/// use partner_center_emulator::Emulator;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let emulator = Emulator::start().await?;
/// let partner = partner_center_testing::builder(&emulator)
///     .application_name("contoso-shop")
///     .attempt_timeout(Duration::from_secs(5))
///     .build()?;
/// partner.sign_in().await?;
/// # Ok(()) }
/// ```
pub fn builder(emulator: &Emulator) -> PartnerCenterBuilder {
    let builder = PartnerCenter::builder()
        .base_url(format!("{}/v1", emulator.base_url()))
        .authority(emulator.authority())
        .credential(app(emulator))
        .clock(EmulatorClock(emulator.clock().clone()))
        .rate_limit(RateLimit::unlimited())
        // A proxy of the environment can't reach this machine's loopback.
        .configure_http(reqwest::ClientBuilder::no_proxy);
    if emulator.is_in_memory() { builder.send_with(InMemory::new(emulator.service())) } else { builder }
}

/// Returns the credential of the emulator's app, without a user: what [`client`] authenticates with.
///
/// ```
/// use partner_center_emulator::Emulator;
/// use partner_center_orders::identity::TokenEndpoint;
/// use partner_center_testing as testing;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let emulator = Emulator::start().await?;
/// let older = testing::app(&emulator).endpoint(TokenEndpoint::V1);
/// testing::builder(&emulator).credential(older).build()?.sign_in().await?;
/// # Ok(()) }
/// ```
pub fn app(emulator: &Emulator) -> ClientSecret {
    ClientSecret::new(emulator.tenant().to_string(), emulator.client_id().to_string(), emulator.client_secret())
}

/// Returns the credential of the emulator's app with a user, who signed in with multi-factor authentication.
///
/// ```
/// use partner_center_emulator::Emulator;
/// use partner_center_testing as testing;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let emulator = Emulator::start().await?;
/// let partner = testing::builder(&emulator).credential(testing::user(&emulator)).build()?;
///
/// // The service reports provisioning to users only.
/// let orders = partner.customer(emulator.customers()[0]).orders();
/// let provisioning = orders.provisioning_status("YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1").await?;
/// # Ok(()) }
/// ```
pub fn user(emulator: &Emulator) -> RefreshToken {
    RefreshToken::new(emulator.tenant().to_string(), emulator.client_id().to_string(), emulator.refresh_token())
        .client_secret(emulator.client_secret())
}

/// The emulator's clock as the client's, so that both have the same time.
#[derive(Debug)]
struct EmulatorClock(partner_center_emulator::Clock);

impl Clock for EmulatorClock {
    fn now(&self) -> SystemTime {
        self.0.now().into()
    }
}
