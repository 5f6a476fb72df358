use http_body_util::BodyExt as _;
use partner_center_emulator::EmulatorService;
use partner_center_orders::{BoxFuture, SendRequest, TransportError, TransportErrorKind};

/// Sends requests to an emulator in the same process, without a socket.
///
/// With tokio's clock paused, hours of waiting pass immediately. [`builder`](crate::builder) and [`client`](crate::client)
/// use it for emulators without a socket; on its own it serves tests that put something between client and emulator.
///
/// ```
/// use partner_center_emulator::{Clock, Emulator};
/// use partner_center_orders::{BoxFuture, SendRequest, TransportError};
/// use partner_center_testing::{self as testing, InMemory};
///
/// /// Prints each request.
/// #[derive(Debug)]
/// struct Printing(InMemory);
///
/// impl SendRequest for Printing {
///     fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
///         println!("{} {}", request.method(), request.url().path());
///         self.0.send(request)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let emulator = Emulator::builder().clock(Clock::runtime("2026-03-01T08:00:00Z".parse()?)).in_memory()?;
/// let printing = Printing(InMemory::new(emulator.service()));
/// let partner = testing::builder(&emulator).send_with(printing).build()?;
/// partner.customer(emulator.customers()[0]).orders().list().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct InMemory(EmulatorService);

impl InMemory {
    /// Sends to this service: see [`Emulator::service`](partner_center_emulator::Emulator::service).
    pub fn new(service: EmulatorService) -> Self {
        Self(service)
    }
}

impl SendRequest for InMemory {
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        Box::pin(async move {
            let request = http::Request::<reqwest::Body>::try_from(request)?;
            let response = self.0.handle(request).await;
            let response =
                response.map_err(|fault| TransportError::with_source(TransportErrorKind::Interrupted, fault))?;
            Ok(response.map(|body| reqwest::Body::wrap_stream(body.into_data_stream())).into())
        })
    }
}
