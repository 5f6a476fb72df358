//! Building, starting and holding an emulator.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::catalog::CatalogItem;
use crate::check::AnswerCheck;
use crate::clock::{Clock, delta};
use crate::connection::Connection;
use crate::core::{Beginning, Core};
use crate::faults::Fault;
use crate::identity::endpoints::SignIn;
use crate::identity::tokens::{Directory, Subject};
use crate::log::Exchange;
use crate::random::Random;
use crate::route::CONTROL;
use crate::scenario::Scenario;
use crate::seed;
use crate::server::{self, Offer, Speech};
use crate::service::EmulatorService;
use crate::settings::Settings;
use crate::shared::lock;
use crate::state::orders::Order;
use crate::state::{Customer, World};

/// Where an emulator without a socket is found: on loopback, the only place that careful clients send tokens to without TLS.
/// Only its own service answers there.
const IN_MEMORY_ORIGIN: &str = "http://localhost";

/// The seed that is used when none is given.
const USUAL_SEED: u64 = 1;

/// A running emulator. It stops when it is dropped, and its connections end.
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
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
}

/// What a client signs in with.
#[derive(Debug)]
struct Identity {
    tenant: Uuid,
    client_id: Uuid,
    client_secret: String,
    refresh_token: String,
}

#[cfg(feature = "tls")]
#[derive(Debug)]
struct Tls {
    base_url: Arc<str>,
    ca_file: crate::tls::CaFile,
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
    /// The https listener can't be set up.
    #[cfg(feature = "tls")]
    #[error("the https listener can't be set up")]
    Tls(#[from] crate::tls::TlsError),
}

/// Prepares an [`Emulator`].
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
    check: Option<Arc<dyn AnswerCheck>>,
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

/// How much data is made up.
#[derive(Clone, Copy, Debug)]
struct Generated {
    customers: usize,
    orders_each: usize,
}

impl Emulator {
    /// Starts an emulator as it is without any wishes.
    ///
    /// # Errors
    ///
    /// If there is no port to listen on.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

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
            items: Vec::new(),
            faults: Vec::new(),
            scenario: None,
            check: None,
            log: None,
            #[cfg(feature = "tls")]
            tls: false,
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

    /// Whether it has no socket: only [`Emulator::service`] reaches it.
    pub fn is_in_memory(&self) -> bool {
        self.tasks.is_empty()
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

    /// The settings as they are now.
    pub fn settings(&self) -> Settings {
        Settings::clone(&self.core.settings())
    }

    /// Changes settings while the emulator runs.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        self.core.configure(change);
    }

    /// The emulator as a service that is called without a socket, with the same state.
    pub fn service(&self) -> EmulatorService {
        EmulatorService::new(Arc::clone(&self.core), Arc::clone(&self.base_url), Connection::default())
    }

    /// Plans a fault. It comes after those that are planned already. Gives its number, to take it back with.
    pub fn plan_fault(&self, fault: Fault) -> u64 {
        lock(&self.core.plan).add(fault)
    }

    /// Takes a planned fault back. Says whether it was there.
    pub fn cancel_fault(&self, number: u64) -> bool {
        lock(&self.core.plan).remove(number)
    }

    /// Takes all planned faults back.
    pub fn cancel_faults(&self) {
        lock(&self.core.plan).clear();
    }

    /// What came and went, the newest at the end. The oldest are forgotten: see [`Settings::log_entries`].
    pub fn exchanges(&self) -> Vec<Arc<Exchange>> {
        lock(&self.core.log).since(0)
    }

    /// How often things happened: `requests`, `repeated`, `throttled`, `faults`, and the effects of writes such as
    /// `ordersPlaced`. What never happened isn't there.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.core.counts()
    }

    /// A number that grows whenever something may have changed the state.
    pub fn changes(&self) -> u64 {
        self.core.tally.changes.load(Ordering::Relaxed)
    }

    /// What the check of answers found, if there is one.
    pub fn violations(&self) -> Vec<String> {
        self.core.violations()
    }

    /// A customer's orders as reads show them at this moment, prices left out; those that lists don't show yet are among them.
    pub fn orders(&self, customer: Uuid) -> Vec<Value> {
        let mut world = lock(&self.core.world);
        world.settle(&self.core.settings(), self.core.clock.now());
        let records = world.customers.get(&customer).into_iter().flat_map(|customer| customer.orders.iter());
        records.filter_map(|record| serde_json::to_value(record.shown(None)).ok()).collect()
    }

    /// The users who were to get the licences of a customer's orders, by order id, as `x-ms-customeruser-upn` said.
    pub fn licensed_users(&self, customer: Uuid) -> BTreeMap<String, String> {
        let world = lock(&self.core.world);
        let records = world.customers.get(&customer).into_iter().flat_map(|customer| customer.orders.iter());
        records.filter_map(|record| Some((record.order.id.clone(), record.licensed_user.clone()?))).collect()
    }

    /// A customer's subscriptions as reads show them at this moment.
    pub fn subscriptions(&self, customer: Uuid) -> Vec<Value> {
        let mut world = lock(&self.core.world);
        world.settle(&self.core.settings(), self.core.clock.now());
        let records = world.customers.get(&customer).into_iter().flat_map(|customer| customer.subscriptions.iter());
        records.filter_map(|record| serde_json::to_value(&record.subscription).ok()).collect()
    }

    /// The state as it is, to be kept.
    pub fn scenario(&self) -> Scenario {
        Scenario::of(&lock(&self.core.world))
    }

    /// A fresh access token of the application as itself.
    pub fn app_token(&self) -> String {
        self.token(&Subject::Application)
    }

    /// A fresh access token of the application with a user, who signed in with multi-factor authentication or without.
    pub fn user_token(&self, mfa: bool) -> String {
        self.token(&Subject::User { mfa })
    }

    fn token(&self, subject: &Subject) -> String {
        let settings = self.core.settings();
        let lifetime = delta(settings.token_lifetime).num_seconds();
        let now = self.core.clock.now();
        lock(&self.core.sign_in).mint(subject, &settings.audience, &self.base_url, now, lifetime)
    }

    /// A fresh refresh token of a user.
    pub fn new_refresh_token(&self, mfa: bool) -> String {
        let settings = self.core.settings();
        let ends = self.core.clock.now() + delta(settings.refresh_token_lifetime);
        lock(&self.core.sign_in).mint_refresh_token(mfa, &settings.audience, ends)
    }

    /// Registers a certificate of the application, as DER or PEM, for client assertions. Says whether it is one.
    ///
    /// As long as none is registered, assertions are believed whoever signed them.
    pub fn register_certificate(&self, certificate: &[u8]) -> bool {
        crate::control::der(certificate).is_some_and(|der| lock(&self.core.sign_in).certificates.add(der))
    }

    /// Lets the user of a device code sign in at once. Says whether there is such a code.
    pub fn approve_device(&self, user_code: &str) -> bool {
        lock(&self.core.sign_in).approve_device(user_code)
    }
}

#[cfg(feature = "tls")]
impl Emulator {
    /// Where the API is over https, if there is an https listener.
    pub fn tls_base_url(&self) -> Option<&str> {
        self.tls.as_ref().map(|tls| &*tls.base_url)
    }

    /// Where the sign-in service is over https, if there is an https listener.
    pub fn tls_authority(&self) -> Option<&str> {
        self.tls_base_url()
    }

    /// The file with the certificate that clients must trust, as PEM. It goes when the emulator is dropped.
    pub fn ca_file(&self) -> Option<&std::path::Path> {
        self.tls.as_ref().map(|tls| tls.ca_file.path())
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
    /// Members that the service isn't known to have are kept. `id`, `lineItems` and `creationDate` are needed. Prices are
    /// shown to those who ask for them. A subscription that a line names is there, too.
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

    /// Begins with this scenario in place of the built-in and generated customers.
    pub fn scenario(mut self, scenario: Scenario) -> Self {
        self.scenario = Some(scenario);
        self
    }

    /// Changes settings.
    pub fn configure(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Holds every answer against the contract: see [`Emulator::violations`].
    pub fn check_answers(mut self, check: impl AnswerCheck + 'static) -> Self {
        self.check = Some(Arc::new(check));
        self
    }

    /// Writes every exchange as a line of JSON, secrets masked.
    pub fn log_to(mut self, log: impl Write + Send + 'static) -> Self {
        self.log = Some(Box::new(log));
        self
    }

    /// Listens for https, too, at another port.
    #[cfg(feature = "tls")]
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Starts the emulator on a socket of loopback.
    ///
    /// # Errors
    ///
    /// If the port can't be listened on, a seeded order is no order, or https can't be set up.
    #[expect(clippy::unused_async, reason = "it must run inside tokio's runtime, and what is awaited does")]
    pub async fn start(self) -> Result<Emulator, StartError> {
        #[cfg(feature = "tls")]
        let with_tls = self.tls;
        let (listener, origin) = listen("http", self.port)?;
        let mut emulator = self.build(&origin)?;
        emulator.attend(listener, Arc::clone(&emulator.base_url), Speech::Plain);
        #[cfg(feature = "tls")]
        if with_tls {
            let (acceptor, ca_file) = crate::tls::set_up()?;
            let (listener, origin) = listen("https", 0)?;
            emulator.core.add_origin(origin.clone());
            let base_url: Arc<str> = origin.into();
            emulator.attend(listener, Arc::clone(&base_url), Speech::Tls(acceptor));
            emulator.tls = Some(Tls { base_url, ca_file });
        }
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
        let core = Core::new(Beginning {
            clock: self.clock,
            settings: self.settings,
            world,
            sign_in,
            origin: origin.to_owned(),
            seed: self.seed,
            check: self.check,
        });
        if let Some(log) = self.log {
            lock(&core.log).write_to(log);
        }
        for fault in self.faults {
            lock(&core.plan).add(fault);
        }
        Ok(Emulator {
            core: Arc::new(core),
            base_url: origin.into(),
            identity: Identity {
                tenant: directory.tenant,
                client_id: directory.client_id,
                client_secret: directory.client_secret,
                refresh_token,
            },
            tasks: Vec::new(),
            #[cfg(feature = "tls")]
            tls: None,
        })
    }

    fn world(&self, now: DateTime<Utc>) -> Result<World, StartError> {
        let mut world = World::new(self.seed);
        for item in &self.items {
            world.catalog.add(item.clone());
        }
        if let Some(scenario) = &self.scenario {
            scenario.clone().put_into(&mut world);
        } else {
            if self.built_in {
                seed::built_in(&mut world, &self.settings, now);
            }
            seed::generated(&mut world, self.generated.customers, self.generated.orders_each, &self.settings);
        }
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

impl Emulator {
    fn attend(&mut self, listener: TcpListener, origin: Arc<str>, speech: Speech) {
        let offer = Offer { core: Arc::clone(&self.core), origin, speech };
        self.tasks.push(tokio::spawn(async move {
            server::serve(listener, offer).await;
        }));
    }
}

/// How many connections the system holds until they are accepted, so that a crowd doesn't keep others from connecting.
const WAITING_ROOM: u32 = 4096;

fn open(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    // A port whose last user has just ended can be used again at once.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING_ROOM)
}

fn listen(scheme: &str, port: u16) -> Result<(TcpListener, String), StartError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let failed = |source| StartError::Listen { address, source };
    let listener = open(address).map_err(failed)?;
    let origin = server::origin(scheme, listener.local_addr().map_err(failed)?);
    Ok((listener, origin))
}
