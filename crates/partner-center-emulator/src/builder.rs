//! Building and starting an emulator.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::net::{TcpListener, TcpSocket};
use uuid::Uuid;

use crate::catalog::CatalogItem;
use crate::check::ResponseCheck;
use crate::clock::Clock;
#[cfg(feature = "tls")]
use crate::emulator::Tls;
use crate::emulator::{Emulator, Identity};
use crate::faults::Fault;
use crate::identity::platform::IdentityPlatform;
use crate::identity::tokens::Directory;
use crate::random::Random;
use crate::scenario::Scenario;
use crate::seed;
use crate::server::{self, ListenerContext, Protocol};
use crate::settings::Settings;
use crate::shared::{Initial, Shared};
use crate::state::orders::Order;
use crate::state::{Customer, State};
use crate::sync::lock;

/// The origin of an emulator without a socket: on loopback, since careful clients send tokens without TLS to loopback only.
const IN_MEMORY_ORIGIN: &str = "http://localhost";

/// The default seed.
const DEFAULT_SEED: u64 = 1;

/// The error of starting an emulator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Listening on the port failed.
    #[error("can't listen on {address}")]
    Listen {
        /// The requested address.
        address: SocketAddr,
        /// The error of the system.
        source: std::io::Error,
    },
    /// A seeded order is not valid.
    #[error("order number {number} of customer {customer} is not a valid order")]
    Order {
        /// The customer of the order.
        customer: Uuid,
        /// Its position among the seeded orders, from 1.
        number: usize,
        /// The error of reading the order.
        source: serde_json::Error,
    },
    /// Setting up the https listener failed.
    #[cfg(feature = "tls")]
    #[error("the https listener can't be set up")]
    Tls(#[from] crate::tls::TlsError),
}

/// The builder of an [`Emulator`].
#[must_use = "an emulator does nothing until it is started"]
pub struct EmulatorBuilder {
    clock: Clock,
    settings: Settings,
    seed: u64,
    generated: Generated,
    built_in: bool,
    port: u16,
    customers: Vec<Uuid>,
    orders: Vec<(Uuid, Value)>,
    items: Vec<CatalogItem>,
    faults: Vec<Fault>,
    scenario: Option<Scenario>,
    check: Option<Arc<dyn ResponseCheck>>,
    log: Option<Box<dyn Write + Send>>,
    #[cfg(feature = "tls")]
    tls: bool,
}

impl std::fmt::Debug for EmulatorBuilder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("EmulatorBuilder")
            .field("seed", &self.seed)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// How much data is generated.
#[derive(Clone, Copy, Debug)]
struct Generated {
    customers: usize,
    orders_each: usize,
}

impl Emulator {
    /// Starts an emulator with default settings.
    ///
    /// # Errors
    ///
    /// If no port is available.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Returns the builder of an emulator on loopback, at a port that the system picks, with the built-in customers.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder {
            clock: Clock::system(),
            settings: Settings::default(),
            seed: DEFAULT_SEED,
            generated: Generated { customers: 0, orders_each: 8 },
            built_in: true,
            port: 0,
            customers: Vec::new(),
            orders: Vec::new(),
            items: Vec::new(),
            faults: Vec::new(),
            scenario: None,
            check: None,
            log: None,
            #[cfg(feature = "tls")]
            tls: false,
        }
    }
}

impl EmulatorBuilder {
    /// Uses this clock instead of the system's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Derives all random values from this seed, and adds a generated customer with orders that follow from it.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self.generated.customers = self.generated.customers.max(1);
        self
    }

    /// Adds this many generated customers, with this many orders each.
    pub fn generated(mut self, customers: usize, orders_each: usize) -> Self {
        self.generated = Generated { customers, orders_each };
        self
    }

    /// Leaves out the built-in customers.
    pub fn empty(mut self) -> Self {
        self.built_in = false;
        self
    }

    /// Listens on this port of loopback instead of one that the system picks.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Adds a customer without orders.
    pub fn customer(mut self, customer: Uuid) -> Self {
        self.customers.push(customer);
        self
    }

    /// Adds an order, given as the service would write it, and its customer if there is none yet.
    ///
    /// Unknown members are kept. `id`, `lineItems` and `creationDate` are required. Prices are returned only when requested.
    /// A subscription that a line names is added, too.
    pub fn order(mut self, customer: Uuid, order: Value) -> Self {
        self.orders.push((customer, order));
        self
    }

    /// Adds an item to the catalog, or replaces the one with its id.
    pub fn item(mut self, item: CatalogItem) -> Self {
        self.items.push(item);
        self
    }

    /// Plans a fault.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Starts with this scenario instead of the built-in and generated customers.
    pub fn scenario(mut self, scenario: Scenario) -> Self {
        self.scenario = Some(scenario);
        self
    }

    /// Changes settings.
    pub fn configure(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Checks every response against the contract: see [`Emulator::violations`].
    pub fn check_responses(mut self, check: impl ResponseCheck + 'static) -> Self {
        self.check = Some(Arc::new(check));
        self
    }

    /// Writes every exchange as a line of JSON, secrets masked.
    pub fn log_to(mut self, log: impl Write + Send + 'static) -> Self {
        self.log = Some(Box::new(log));
        self
    }

    /// Listens for https in addition, at another port.
    #[cfg(feature = "tls")]
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Starts the emulator on a socket of loopback.
    ///
    /// # Errors
    ///
    /// If listening on the port fails, a seeded order is not valid, or https can't be set up.
    #[expect(clippy::unused_async, reason = "it must run inside tokio's runtime, and what is awaited does")]
    pub async fn start(self) -> Result<Emulator, StartError> {
        #[cfg(feature = "tls")]
        let with_tls = self.tls;
        let (listener, origin) = listen("http", self.port)?;
        let mut emulator = self.build(&origin)?;
        emulator.listen_on(listener, Arc::clone(&emulator.base_url), Protocol::Plain);
        #[cfg(feature = "tls")]
        if with_tls {
            let (acceptor, ca_file) = crate::tls::set_up()?;
            let (listener, origin) = listen("https", 0)?;
            emulator.shared.add_origin(origin.clone());
            let base_url: Arc<str> = origin.into();
            emulator.listen_on(listener, Arc::clone(&base_url), Protocol::Tls(acceptor));
            emulator.tls = Some(Tls { base_url, ca_file });
        }
        Ok(emulator)
    }

    /// Returns an emulator without a socket: only [`Emulator::service`] reaches it.
    ///
    /// # Errors
    ///
    /// If a seeded order is not valid.
    pub fn in_memory(self) -> Result<Emulator, StartError> {
        self.build(IN_MEMORY_ORIGIN)
    }

    fn build(self, origin: &str) -> Result<Emulator, StartError> {
        let now = self.clock.now();
        let state = self.state(now)?;
        let mut random = Random::stream(self.seed, "identity");
        let directory = Directory {
            tenant: random.uuid(),
            domains: vec!["partner.example".to_owned(), "partner.onmicrosoft.example".to_owned()],
            client_id: random.uuid(),
            client_secret: random.opaque::<30>(),
            application_object: random.uuid(),
            user_object: random.uuid(),
            user_name: "admin@partner.example".to_owned(),
        };
        let (identity_platform, refresh_token) = IdentityPlatform::new(directory.clone(), random, &self.settings, now);
        let shared = Shared::new(Initial {
            clock: self.clock,
            settings: self.settings,
            state,
            identity_platform,
            origin: origin.to_owned(),
            seed: self.seed,
            check: self.check,
        });
        if let Some(log) = self.log {
            lock(&shared.log).write_to(log);
        }
        for fault in self.faults {
            lock(&shared.plan).add(fault);
        }
        Ok(Emulator {
            shared: Arc::new(shared),
            base_url: origin.into(),
            identity: Identity {
                tenant: directory.tenant,
                tenant_domains: directory.domains,
                client_id: directory.client_id,
                client_secret: directory.client_secret,
                refresh_token,
            },
            tasks: Vec::new(),
            #[cfg(feature = "tls")]
            tls: None,
        })
    }

    fn state(&self, now: DateTime<Utc>) -> Result<State, StartError> {
        let mut state = State::new(self.seed);
        for item in &self.items {
            state.catalog.add(item.clone());
        }
        if let Some(scenario) = &self.scenario {
            scenario.clone().apply_to(&mut state);
        } else {
            if self.built_in {
                seed::built_in(&mut state, &self.settings, now);
            }
            seed::generated(&mut state, self.generated.customers, self.generated.orders_each, &self.settings);
        }
        for customer in &self.customers {
            state.add_customer(Customer::new(*customer));
        }
        for (number, (customer, order)) in self.orders.iter().enumerate() {
            let order: Order = serde_json::from_value(order.clone()).map_err(|source| StartError::Order {
                customer: *customer,
                number: number + 1,
                source,
            })?;
            state.add_order(*customer, order, &self.settings, now);
        }
        Ok(state)
    }
}

impl Emulator {
    fn listen_on(&mut self, listener: TcpListener, origin: Arc<str>, protocol: Protocol) {
        let context = ListenerContext { shared: Arc::clone(&self.shared), origin, protocol };
        self.tasks.push(tokio::spawn(async move {
            server::serve(listener, context).await;
        }));
    }
}

/// How many connections the system queues until they are accepted.
const ACCEPT_BACKLOG: u32 = 4096;

fn open(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    // A port that was just released can be used again immediately.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(ACCEPT_BACKLOG)
}

fn listen(scheme: &str, port: u16) -> Result<(TcpListener, String), StartError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let failed = |source| StartError::Listen { address, source };
    let listener = open(address).map_err(failed)?;
    let origin = server::origin(scheme, listener.local_addr().map_err(failed)?);
    Ok((listener, origin))
}
