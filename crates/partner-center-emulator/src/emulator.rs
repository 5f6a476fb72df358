//! Building, starting and holding an emulator.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::clock::Clock;
use crate::connection::Connection;
use crate::core::{Core, lock};
use crate::identity::endpoints::SignIn;
use crate::identity::tokens::Directory;
use crate::random::Random;
use crate::route::CONTROL;
use crate::seed;
use crate::server;
use crate::service::EmulatorService;
use crate::settings::Settings;
use crate::state::orders::Order;
use crate::state::{Customer, World};

/// Where an emulator without a socket is found; only its own service answers there.
const IN_MEMORY_ORIGIN: &str = "http://emulator.test";

/// The seed that is used when none is given.
const USUAL_SEED: u64 = 1;

/// A running emulator. It stops when it is dropped.
///
/// ```
/// use partner_center_emulator::Emulator;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let emulator = Emulator::builder().start().await?;
/// println!("orders are at {}/v1/customers/{}/orders", emulator.base_url(), emulator.customers()[0]);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Emulator {
    core: Arc<Core>,
    base_url: Arc<str>,
    identity: Identity,
    tasks: Vec<JoinHandle<()>>,
}

/// What a client signs in with.
#[derive(Debug)]
struct Identity {
    tenant: Uuid,
    client_id: Uuid,
    client_secret: String,
    refresh_token: String,
}

/// Why an emulator can't be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The port can't be listened on.
    #[error("can't listen on {address}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// A seeded order is no order.
    #[error("the order number {number} of customer {customer} is no order")]
    Order {
        /// The customer that it was given for.
        customer: Uuid,
        /// Its place among the seeded orders, from 1.
        number: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// Prepares an [`Emulator`].
#[derive(Debug)]
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
}

/// How much data is made up.
#[derive(Clone, Copy, Debug)]
struct Generated {
    customers: usize,
    orders_each: usize,
}

impl Emulator {
    /// Prepares an emulator on loopback, at a port that the system picks, with the built-in customers.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder {
            clock: Clock::system(),
            settings: Settings::default(),
            seed: USUAL_SEED,
            generated: Generated { customers: 0, orders_each: 8 },
            built_in: true,
            port: 0,
            customers: Vec::new(),
            orders: Vec::new(),
        }
    }

    /// Where the API is, without `/v1`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Where the sign-in service is, without the tenant: tokens come from `{authority}/{tenant}/oauth2/v2.0/token`.
    pub fn authority(&self) -> &str {
        &self.base_url
    }

    /// Where faults, clock, state and log can be reached by programs that aren't written in Rust.
    pub fn control_url(&self) -> String {
        format!("{}/{CONTROL}", self.base_url)
    }

    /// The partner's tenant.
    pub fn tenant(&self) -> Uuid {
        self.identity.tenant
    }

    /// The application that may sign in.
    pub fn client_id(&self) -> Uuid {
        self.identity.client_id
    }

    /// The application's secret.
    pub fn client_secret(&self) -> &str {
        &self.identity.client_secret
    }

    /// A refresh token of a user who signed in with multi-factor authentication.
    pub fn refresh_token(&self) -> &str {
        &self.identity.refresh_token
    }

    /// The customers, the documented one first, in the order in which they came.
    pub fn customers(&self) -> Vec<Uuid> {
        lock(&self.core.world).customer_ids()
    }

    /// The clock. Its clones move the same hands.
    pub fn clock(&self) -> &Clock {
        &self.core.clock
    }

    /// Changes settings while the emulator runs.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.core.settings.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// The emulator as a service that is called without a socket, with the same state.
    pub fn service(&self) -> EmulatorService {
        EmulatorService::new(Arc::clone(&self.core), Arc::clone(&self.base_url), Connection::default())
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl EmulatorBuilder {
    /// Uses this clock instead of the machine's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Repeats everything random from this seed, and adds a generated customer with orders that follow from it.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self.generated.customers = self.generated.customers.max(1);
        self
    }

    /// Adds so many generated customers, with so many orders each.
    pub fn generated(mut self, customers: usize, orders_each: usize) -> Self {
        self.generated = Generated { customers, orders_each };
        self
    }

    /// Begins without the built-in customers.
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

    /// Adds an order, given as the service would write it; its customer is added if need be.
    ///
    /// Members that the service isn't known to have are kept. `id`, `lineItems` and `creationDate` are needed.
    pub fn order(mut self, customer: Uuid, order: Value) -> Self {
        self.orders.push((customer, order));
        self
    }

    /// Changes settings.
    pub fn configure(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Starts the emulator on a socket of loopback.
    ///
    /// # Errors
    ///
    /// If the port can't be listened on, or a seeded order is no order.
    pub async fn start(self) -> Result<Emulator, StartError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let listen = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let origin = server::origin("http", listener.local_addr().map_err(listen)?);
        let mut emulator = self.build(&origin)?;
        let serving = server::serve(listener, Arc::clone(&emulator.core), Arc::clone(&emulator.base_url));
        emulator.tasks.push(tokio::spawn(async move {
            serving.await;
        }));
        Ok(emulator)
    }

    /// Makes an emulator without a socket: only [`Emulator::service`] reaches it.
    ///
    /// # Errors
    ///
    /// If a seeded order is no order.
    pub fn in_memory(self) -> Result<Emulator, StartError> {
        self.build(IN_MEMORY_ORIGIN)
    }

    fn build(self, origin: &str) -> Result<Emulator, StartError> {
        let now = self.clock.now();
        let world = self.world(now)?;
        let mut random = Random::stream(self.seed, "identity");
        let directory = Directory {
            tenant: random.uuid(),
            domain: "partner.example".to_owned(),
            client_id: random.uuid(),
            client_secret: random.opaque::<30>(),
            application_object: random.uuid(),
            user_object: random.uuid(),
            user_name: "admin@partner.example".to_owned(),
        };
        let (sign_in, refresh_token) = SignIn::new(directory.clone(), random, &self.settings, now);
        let identity = Identity {
            tenant: directory.tenant,
            client_id: directory.client_id,
            client_secret: directory.client_secret,
            refresh_token,
        };
        let core = Core {
            clock: self.clock,
            settings: RwLock::new(self.settings),
            world: Mutex::new(world),
            sign_in: Mutex::new(sign_in),
            origins: RwLock::new(vec![origin.to_owned()]),
            random: Mutex::new(Random::stream(self.seed, "headers")),
        };
        Ok(Emulator { core: Arc::new(core), base_url: origin.into(), identity, tasks: Vec::new() })
    }

    fn world(&self, now: DateTime<Utc>) -> Result<World, StartError> {
        let mut world = World::new(self.seed);
        if self.built_in {
            seed::built_in(&mut world, &self.settings, now);
        }
        seed::generated(&mut world, self.generated.customers, self.generated.orders_each, &self.settings);
        for customer in &self.customers {
            world.add_customer(Customer::new(*customer));
        }
        for (number, (customer, order)) in self.orders.iter().enumerate() {
            let order: Order = serde_json::from_value(order.clone()).map_err(|source| StartError::Order {
                customer: *customer,
                number: number + 1,
                source,
            })?;
            world.add_order(*customer, order, &self.settings, now);
        }
        Ok(world)
    }
}
