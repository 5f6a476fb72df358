//! A run: a world is built from the seed, runs for some virtual hours, and is checked.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use fastrand::Rng;
use partner_center_emulator::{Clock as ServiceClock, Emulator};
use partner_center_orders::identity::{MemoryTokenStore, StoreError, TokenStore};
use partner_center_orders::{
    BoxFuture, ClientSecret, Clock, PartnerCenter, RandomSource, RateLimit, RefreshToken, RetryPolicy, SendRequest,
    Uuid,
};
use partner_center_testing::InMemory;
use secrecy::SecretString;
use tokio::time::Instant;

use super::checks::{State, broken_promises};
use super::ledger::Ledger;
use super::lock::lock;
use super::plan::{ClientPlan, CredentialKind, Layer, Options, Plan};
use super::process::{Process, World};
use super::trace::Trace;
use super::wire::{Clocks, Common, Wire};
use super::writes::Service;

/// The number of faults by kind and operation.
pub type Tally = BTreeMap<(&'static str, &'static str), u64>;

/// The result of one seed.
#[derive(Debug)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// The promises that were broken.
    pub broken: Vec<String>,
    /// The trace.
    pub trace: Trace,
    /// The faults that met requests.
    pub faults: Tally,
    /// The time that it took, by the paused clock.
    pub virtual_time: Duration,
    /// Calls that the tasks made.
    pub calls: usize,
    /// Calls that were dropped.
    pub crashes: usize,
    /// Writes that were resumed.
    pub resumed: usize,
    /// The faults of connections that met requests.
    pub connection_faults: BTreeMap<&'static str, u64>,
    /// API requests that were sent.
    pub requests: usize,
    /// Orders that were created.
    pub orders: u64,
}

/// Runs a seed in memory, on a paused clock.
///
/// # Panics
/// When no runtime or client can be built.
#[expect(clippy::expect_used, reason = "without a runtime there is nothing to simulate")]
pub fn run(seed: u64, options: Options) -> Outcome {
    let plan = Arc::new(Plan::draw(seed, options));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime can be built");
    let mut outcome = runtime.block_on(live(plan));
    let left = runtime.metrics().num_alive_tasks();
    if left > 0 {
        outcome.broken.push(format!("{left} tasks were left behind"));
    }
    outcome
}

/// The service's time, by which the client's is ahead or behind.
#[derive(Debug)]
struct Skewed {
    clock: ServiceClock,
    seconds: AtomicI64,
}

impl Clock for Skewed {
    fn now(&self) -> SystemTime {
        (self.clock.now() + chrono::TimeDelta::seconds(self.seconds.load(Ordering::Relaxed))).into()
    }
}

/// A random source that a seed determines.
#[derive(Debug)]
struct Seeded(Mutex<Rng>);

impl RandomSource for Seeded {
    fn next_u64(&self) -> u64 {
        lock(&self.0).u64(..)
    }
}

/// A store that sometimes fails.
#[derive(Debug)]
struct Unreliable {
    store: MemoryTokenStore,
    random: Mutex<Rng>,
    failure: f64,
}

impl TokenStore for Unreliable {
    fn load(&self) -> BoxFuture<'_, Result<Option<SecretString>, StoreError>> {
        self.store.load()
    }

    fn save<'a>(&'a self, refresh_token: &'a SecretString) -> BoxFuture<'a, Result<(), StoreError>> {
        if lock(&self.random).f64() < self.failure {
            return Box::pin(async { Err(StoreError::from("the disk is full")) });
        }
        self.store.save(refresh_token)
    }
}

/// One client of a world: shared by all its tasks, as the documentation recommends, or built for each, to see what that breaks.
struct Clients {
    plan: Arc<Plan>,
    client: ClientPlan,
    wire: Wire,
    clock: Arc<Skewed>,
    random: Arc<Mutex<Rng>>,
    throttle: RateLimit,
    origin: String,
    tenant: Uuid,
    client_id: Uuid,
    secret: String,
    refresh_token: String,
}

/// Shares one clock between clients.
#[derive(Debug)]
struct SharedClock(Arc<Skewed>);

impl Clock for SharedClock {
    fn now(&self) -> SystemTime {
        self.0.now()
    }
}

impl Clients {
    fn policy(&self) -> RetryPolicy {
        let policy = RetryPolicy::default().writes(self.plan.writes);
        match self.plan.options.without {
            Some(Layer::IdRetention) => policy.request_id_retention(Duration::MAX),
            _ => policy,
        }
    }

    #[expect(clippy::expect_used, reason = "without a client there is nothing to simulate")]
    fn build(&self) -> PartnerCenter {
        let mut random = lock(&self.random);
        let builder = PartnerCenter::builder()
            .base_url(format!("{}/v1", self.origin))
            .authority(&self.origin)
            .send_with(self.wire.clone())
            .clock(SharedClock(Arc::clone(&self.clock)))
            .random_source(Seeded(Mutex::new(random.fork())))
            .rate_limit(self.throttle.clone())
            .retry(self.policy());
        let (tenant, client_id) = (self.tenant.to_string(), self.client_id.to_string());
        let builder = match self.client.credential {
            CredentialKind::App => builder.credential(ClientSecret::new(tenant, client_id, self.secret.clone())),
            CredentialKind::User => {
                let store = Unreliable {
                    store: MemoryTokenStore::default(),
                    random: Mutex::new(random.fork()),
                    failure: self.plan.store_failure,
                };
                let token = RefreshToken::new(tenant, client_id, self.refresh_token.clone());
                builder.credential(token.client_secret(self.secret.clone()).store(store))
            }
        };
        builder.build().expect("a client can be built")
    }
}

#[expect(clippy::expect_used, reason = "without an emulator there is nothing to simulate")]
async fn live(plan: Arc<Plan>) -> Outcome {
    let began = Instant::now();
    let mut random = Rng::with_seed(plan.seed ^ 0x005e_ed0f_7a5c_5000);
    let clock = ServiceClock::runtime("2026-03-01T08:00:00Z".parse().expect("a date"));
    let settings = plan.settings.clone();
    let mut builder = Emulator::builder().clock(clock).seed(plan.seed).configure(move |chosen| *chosen = settings);
    let other = uuid::Builder::from_random_bytes(random.u128(..).to_ne_bytes()).into_uuid();
    builder = builder.generated(0, 0).customer(other);
    for fault in &plan.faults {
        builder = builder.fault(fault.clone());
    }
    let emulator = builder.in_memory().expect("an emulator can be built");
    let wire = InMemory::new(emulator.service());
    let world = inhabit(&plan, &emulator, wire, &mut random, began).await;
    let outcome = check(&world, &emulator, began);
    drop(emulator);
    // Everything that ends by itself has ended by now.
    tokio::time::sleep(Duration::from_secs(24 * 3600)).await;
    outcome
}

/// Runs the tasks.
async fn inhabit(
    plan: &Arc<Plan>,
    emulator: &Emulator,
    service: impl SendRequest + 'static,
    random: &mut Rng,
    began: Instant,
) -> World {
    let service = Service::new(service, plan.longest_write());
    let common = Common::default();
    let skewed =
        |client: &ClientPlan| Arc::new(Skewed { clock: emulator.clock().clone(), seconds: client.skew.into() });
    let clocks: Vec<_> = plan.clients.iter().map(skewed).collect();
    let mut wire = |clock: &Arc<Skewed>| {
        let clocks = Clocks { client: Arc::<Skewed>::clone(clock), service: emulator.clock().clone() };
        Wire::new(service.clone(), plan, clocks, random.fork(), common.clone())
    };
    let wires: Vec<_> = clocks.iter().map(&mut wire).collect();
    let world = World {
        plan: Arc::clone(plan),
        wires,
        service_clock: emulator.clock().clone(),
        began,
        ledger: Arc::new(Mutex::new(Ledger::default())),
        trace: Arc::default(),
    };
    let (workers, partners) = populate(&world, emulator, &clocks, random);
    let mut disturbing = tokio::task::JoinSet::new();
    disturbing.spawn(jump(world.clone(), Arc::clone(&clocks[0]), service));
    for (wire, breaks) in world.wires.iter().zip(&plan.breaks) {
        disturbing.spawn(wire.connection().clone().live(breaks.clone()));
    }
    let mut tasks = tokio::task::JoinSet::new();
    for process in &workers {
        tasks.spawn(Arc::clone(process).work(plan.steps));
    }
    if let [first, second] = &partners[..] {
        tasks.spawn(Arc::clone(first).share_carts(Arc::clone(second), plan.shared_carts));
    }
    while let Some(ended) = tasks.join_next().await {
        if let Err(panicked) = ended {
            world.broken("world", format!("a task panicked: {panicked}"));
        }
    }
    disturbing.shutdown().await;
    emulator.cancel_faults();
    for wire in &world.wires {
        wire.calm_down();
    }
    world.note("world", "no further faults");
    let processes: Vec<_> = workers.iter().chain(&partners).collect();
    // Some writes are resumed by a task that may belong to the other client.
    let successors: Vec<_> = processes.iter().map(|process| successor(process, &processes, random)).collect();
    for (process, by) in processes.iter().zip(&successors) {
        process.finish(by).await;
    }
    // Long enough for everything to become visible, with clocks that differ.
    tokio::time::sleep(Duration::from_secs(12 * 3600)).await;
    for (process, by) in processes.iter().zip(&successors) {
        process.settle(by).await;
    }
    for client in 0..plan.clients.len() {
        if let Some(process) = processes.iter().find(|process| process.client == client) {
            process.crowd().await;
        }
    }
    // The service finishes what it is still processing.
    tokio::time::sleep(Duration::from_secs(1200)).await;
    world
}

/// Creates the tasks: independent ones, and two of different clients that use the same carts.
fn populate(
    world: &World,
    emulator: &Emulator,
    clocks: &[Arc<Skewed>],
    random: &mut Rng,
) -> (Vec<Arc<Process>>, Vec<Arc<Process>>) {
    let plan = &world.plan;
    let client = |(number, client): (usize, &ClientPlan)| {
        let per_minute = std::num::NonZeroU32::new(client.per_minute).unwrap_or(std::num::NonZeroU32::MIN);
        let burst = std::num::NonZeroU32::new(client.burst).unwrap_or(std::num::NonZeroU32::MIN);
        Clients {
            plan: Arc::clone(plan),
            client: *client,
            wire: world.wires[number].clone(),
            clock: Arc::clone(&clocks[number]),
            random: Arc::new(Mutex::new(random.fork())),
            throttle: RateLimit::new(per_minute, burst),
            origin: emulator.base_url().replace("emulator.test", "localhost"),
            tenant: emulator.tenant(),
            client_id: emulator.client_id(),
            secret: emulator.client_secret().to_owned(),
            refresh_token: emulator.refresh_token().to_owned(),
        }
    };
    let clients: Vec<_> = plan.clients.iter().enumerate().map(client).collect();
    let shared: Vec<_> = clients.iter().map(Clients::build).collect();
    let about =
        format!("request ids {:?}, writes {:?}, {:?}, {:?}", plan.reading, plan.writes, plan.clients, plan.faults);
    world.note("world", &about);
    let each_its_own = plan.options.without == Some(Layer::SingleRenewal);
    let customers = emulator.customers();
    // Resources of the documented customer are requested of the other one, too, and not found there.
    let served = (0..plan.workers).map(|_| customers[usize::from(random.u8(..5) == 0).min(customers.len() - 1)]);
    let served: Vec<_> = served.collect();
    let mut process = |name: String, client: usize, customer: Uuid| {
        let partner = if each_its_own { clients[client].build() } else { shared[client].clone() };
        Arc::new(Process {
            name,
            world: world.clone(),
            client,
            customer: partner.customer(customer),
            partner,
            random: Mutex::new(random.fork()),
            open: Mutex::default(),
            unsettled: Mutex::default(),
        })
    };
    let workers = served.into_iter().enumerate();
    let workers =
        workers.map(|(number, customer)| process(format!("task-{number}"), number % clients.len(), customer)).collect();
    let partners = if clients.len() > 1 { 0..clients.len() } else { 0..0 };
    let partners = partners.map(|client| process(format!("cart-{client}"), client, customers[0])).collect();
    (workers, partners)
}

/// The task that resumes the pending writes of a task.
fn successor<'a>(process: &'a Arc<Process>, all: &[&'a Arc<Process>], random: &mut Rng) -> &'a Arc<Process> {
    // A write is resumed for the customer that it was made for.
    let others: Vec<_> = all.iter().filter(|other| other.customer.id() == process.customer.id()).collect();
    if random.bool() { process } else { others[random.usize(..others.len())] }
}

/// Lets the clocks jump as planned. The service's own doesn't while it processes a write: an effect hours after the request
/// can't be distinguished from none.
async fn jump(world: World, clock: Arc<Skewed>, service: Service) {
    for (after, seconds) in &world.plan.jumps {
        tokio::time::sleep(*after).await;
        if world.plan.is_client_set {
            world.note("clock", &format!("the first client's is set by {seconds} s"));
            clock.seconds.fetch_add(*seconds, Ordering::Relaxed);
        } else {
            service.rests().await;
            world.note("clock", &format!("jumps by {seconds} s"));
            clock.clock.set(clock.clock.now() + chrono::TimeDelta::seconds(*seconds));
        }
    }
}

fn check(world: &World, emulator: &Emulator, began: Instant) -> Outcome {
    let mut faults = Tally::new();
    let mut on_carts = Vec::new();
    for handled in emulator.exchanges() {
        for fault in &handled.faults {
            let operation = handled.operation.unwrap_or("?");
            *faults.entry((*fault, operation)).or_default() += 1;
            if operation.contains("cart") {
                on_carts.push(*fault);
            }
        }
    }
    let customers = emulator.customers();
    let state = State {
        scenario: serde_json::to_value(emulator.scenario()).unwrap_or_default(),
        users: customers.into_iter().flat_map(|customer| emulator.licensed_users(customer)).collect(),
    };
    let broken = broken_promises(world, &state, &on_carts);
    let ledger = std::mem::take(&mut *world.ledger());
    let requests = world.wires.iter().map(|wire| wire.seen().api_requests()).sum();
    let mut connection_faults = BTreeMap::new();
    for (kind, times) in world.wires.iter().flat_map(|wire| wire.connection().met()) {
        *connection_faults.entry(kind).or_default() += times;
    }
    let trace = std::mem::take(&mut *lock(&world.trace));
    Outcome {
        seed: world.plan.seed,
        broken,
        trace,
        faults,
        virtual_time: began.elapsed(),
        calls: ledger.calls,
        crashes: ledger.crashes,
        resumed: ledger.resumed,
        connection_faults,
        requests,
        orders: emulator.counts().get("ordersPlaced").copied().unwrap_or_default(),
    }
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients").finish_non_exhaustive()
    }
}
