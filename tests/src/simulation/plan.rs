//! The plan of a run, which the seed decides: the service's settings, the faults, and the behaviour of the tasks.

use std::time::Duration;

use fastrand::Rng;
use partner_center_emulator::{
    CheckoutWithLineErrors, CodeForm, Environment, Fault, FaultKind, RepeatedCheckout, RequestIds, ResetPoint,
    RetryAfterForm, Settings, SuccessStatus, ThrottleBody,
};
use partner_center_orders::{Operation, RetryWrites};

use super::connection::{Break, Odds, SILENCE};
use super::offers::{LICENCES, SOFTWARE};

/// The service's treatment of request ids, which is not documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A repeated write has no second effect, for as long as the client assumes, or longer.
    Honoured,
    /// Every write has its effect, whatever its id.
    Ignored,
    /// Ids are forgotten within a second.
    Forgotten,
}

/// A policy of the client that can be removed, to see that a promise breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// All attempts of a call have one request id.
    SameId,
    /// A request that may have had its effect is repeated only if that is safe.
    EffectAwareRetry,
    /// Nothing is sent before `Retry-After` has passed.
    RetryAfter,
    /// Calls that need a token share one renewal.
    SingleRenewal,
    /// A body that breaks off is a failed attempt.
    BodyInAttempt,
    /// After a checkout that is rejected as repeated, the cart is read.
    CartReRead,
    /// A match that is found later is reported as a write's effect on evidence only.
    Evidence,
    /// Writes are not sent under an id that the service may have forgotten.
    IdRetention,
    /// The age of a write, and dates, count by the service's clock.
    ServiceDate,
    /// A rejection doesn't settle an earlier attempt that is open.
    OpenRejection,
    /// A checkout succeeded for the order groups without an error in its response.
    OrderErrors,
    /// A call that is dropped while it is queued takes no permit.
    DroppedPermits,
    /// Tokens are not requested before the `Retry-After` of the token endpoint has passed.
    TokenRetryAfter,
}

impl Layer {
    /// Each, with its name on the command line.
    pub const ALL: [(&str, Self); 13] = [
        ("same-id", Self::SameId),
        ("effect-aware-retry", Self::EffectAwareRetry),
        ("retry-after", Self::RetryAfter),
        ("single-renewal", Self::SingleRenewal),
        ("body-in-attempt", Self::BodyInAttempt),
        ("cart-re-read", Self::CartReRead),
        ("evidence", Self::Evidence),
        ("id-retention", Self::IdRetention),
        ("service-date", Self::ServiceDate),
        ("open-rejection", Self::OpenRejection),
        ("order-errors", Self::OrderErrors),
        ("dropped-permits", Self::DroppedPermits),
        ("token-retry-after", Self::TokenRetryAfter),
    ];
}

/// Choices that the seed doesn't decide.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The service's treatment of request ids; by default the seed decides.
    pub reading: Option<Reading>,
    /// Whether writes are repeated; by default only if the service honours ids.
    pub writes: Option<RetryWrites>,
    /// The policy that is removed.
    pub without: Option<Layer>,
}

/// The credential of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CredentialKind {
    App,
    User,
}

/// One client, as in a process of its own: with a token, a rate limit and a clock that no other shares.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClientPlan {
    pub(super) credential: CredentialKind,
    pub(super) per_minute: u32,
    /// The number of requests that may be sent as a burst.
    pub(super) burst: u32,
    /// The seconds by which its clock is ahead of the service's.
    pub(super) skew: i64,
}

/// Everything that one seed decides in advance.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) options: Options,
    pub(super) reading: Reading,
    pub(super) writes: RetryWrites,
    pub(super) settings: Settings,
    pub(super) faults: Vec<Fault>,
    /// One, or two that buy for the same customers.
    pub(super) clients: Vec<ClientPlan>,
    pub(super) workers: usize,
    pub(super) steps: usize,
    /// The number of carts that two clients use at the same time.
    pub(super) shared_carts: usize,
    /// The probabilities that one request fails.
    pub(super) odds: Odds,
    /// The breaks of each client's connection.
    pub(super) breaks: Vec<Vec<Break>>,
    /// The probability that the token store fails.
    pub(super) store_failure: f64,
    /// The probability that a call is dropped.
    pub(super) crash: f64,
    /// The probability that a repeated checkout is rejected on its way.
    pub(super) rejection: f64,
    /// The probability that a cart or an order is read as it was some minutes ago.
    pub(super) stale: f64,
    /// The probability that a purchase has no mark in its lines, so that it looks like another.
    pub(super) unmarked: f64,
    /// The times at which clocks jump, and the seconds by which they do.
    pub(super) jumps: Vec<(Duration, i64)>,
    /// Whether only the first client's clock jumps, as if it was set. Otherwise all do, as if the machine slept.
    pub(super) is_client_set: bool,
}

impl Plan {
    /// Whether all clocks are about right throughout: only then must a client send a write of another process again.
    pub(super) fn has_right_clocks(&self) -> bool {
        self.clients.iter().all(|client| client.skew.abs() <= 60) && (!self.is_client_set || self.jumps.is_empty())
    }
}

/// The ids of every operation that a fault can meet.
pub fn operations() -> Vec<&'static str> {
    Operation::ALL.iter().map(|operation| operation.id()).chain(["token"]).collect()
}

/// The name of every kind of fault, as the emulator's log has it.
pub fn fault_kinds() -> Vec<&'static str> {
    KINDS.iter().map(|(name, _)| *name).collect()
}

type Draw = fn(&mut Rng) -> FaultKind;

/// A source of faults for each kind that the emulator knows.
const KINDS: [(&str, Draw); 17] = [
    ("delay", |rng| FaultKind::Delay { seconds: some_seconds(rng) }),
    ("timeout", |rng| FaultKind::Timeout { effect: rng.bool(), hold: 5.0 + 600.0 * rng.f64() }),
    ("reset", |rng| {
        let at = [ResetPoint::Before, ResetPoint::During, ResetPoint::After][rng.usize(..3)];
        FaultKind::Reset { at, effect: rng.bool() }
    }),
    ("truncate", |rng| FaultKind::Truncate { keep: rng.bool().then(|| rng.usize(..200)) }),
    ("garble", |_| FaultKind::Garble),
    ("html", |rng| FaultKind::Html { status: [500, 502, 503][rng.usize(..3)], effect: rng.bool() }),
    ("unauthorized", |rng| FaultKind::Unauthorized { code: [400, 0][rng.usize(..2)] }),
    ("throttled", |rng| FaultKind::Throttled {
        seconds: rng.u64(1..40),
        retry_after: [RetryAfterForm::Seconds, RetryAfterForm::Date, RetryAfterForm::Absent][rng.usize(..3)],
        body: [ThrottleBody::Gateway, ThrottleBody::Fault][rng.usize(..2)],
    }),
    ("status", |rng| FaultKind::Status {
        status: [500, 502, 503, 504, 408][rng.usize(..5)],
        code: [800_003, 800_060][usize::from(rng.u8(..8) == 0)],
        effect: rng.bool(),
        retry_after: rng.bool().then(|| rng.u64(1..20)),
    }),
    ("emptyBody", |_| FaultKind::EmptyBody),
    ("drip", |rng| FaultKind::Drip { bytes: rng.usize(8..64), seconds: 0.02 + rng.f64() * 0.2 }),
    ("contentType", |_| FaultKind::ContentType { value: "text/html".to_owned() }),
    ("unknownEnum", |_| FaultKind::UnknownEnum),
    ("unknownMember", |_| FaultKind::UnknownMember),
    ("nulls", |_| FaultKind::Nulls),
    ("duplicateMember", |_| FaultKind::DuplicateMember),
    ("failOrder", |rng| {
        let item = [None, Some(SOFTWARE), Some(LICENCES)][rng.usize(..3)].map(str::to_owned);
        FaultKind::FailOrder { code: 800_069, description: "simulated".to_owned(), item }
    }),
];

/// A duration from an instant to some minutes, with every magnitude equally likely.
pub(super) fn some_seconds(rng: &mut Rng) -> f64 {
    10_f64.powf(rng.f64() * 4.5 - 2.0)
}

impl Plan {
    /// The longest time that the service processes a write.
    pub(super) fn longest_write(&self) -> Duration {
        let delays = self.faults.iter().filter_map(|fault| match fault.kind() {
            FaultKind::Delay { seconds } => Some(Duration::from_secs_f64(*seconds)),
            _ => None,
        });
        delays.sum::<Duration>() + self.settings.processing_time
    }

    pub(super) fn draw(seed: u64, options: Options) -> Self {
        let mut rng = Rng::with_seed(seed);
        let drawn = [Reading::Honoured, Reading::Honoured, Reading::Ignored, Reading::Forgotten][rng.usize(..4)];
        let reading = options.reading.unwrap_or(drawn);
        let writes = options.writes.unwrap_or(match reading {
            Reading::Honoured => RetryWrites::SameId,
            Reading::Ignored | Reading::Forgotten => RetryWrites::Never,
        });
        let single_use_refresh = rng.bool();
        let settings = settings(&mut rng, reading, single_use_refresh);
        let mut faults: Vec<_> = (0..rng.usize(4..16)).map(|_| fault(&mut rng, single_use_refresh)).collect();
        if rng.u8(..4) == 0 {
            faults.push(throttled_tokens(&mut rng));
        }
        let jumps = (0..rng.usize(..4)).map(|_| {
            let by = if rng.u8(..4) == 0 { -rng.i64(1..60) } else { rng.i64(1..7200) };
            (Duration::from_secs(rng.u64(..3600)), by)
        });
        let mut jumps: Vec<(Duration, i64)> = jumps.collect();
        // A sandbox sells 25 licences at most, and each write's mark is a quantity of its own.
        let is_sandbox = settings.environment == Environment::Sandbox;
        let is_client_set = rng.u8(..3) == 0;
        if is_client_set {
            // A clock that is set may go back as far as forward.
            for (_, by) in &mut jumps {
                *by = if rng.bool() { -by.abs() } else { by.abs() };
            }
        }
        let clients = clients(&mut rng, single_use_refresh);
        let shared_carts = if clients.len() > 1 { rng.usize(1..3) } else { 0 };
        // Those that share carts are two more.
        let partners = if clients.len() > 1 { 2 } else { 0 };
        Self {
            seed,
            options,
            reading,
            writes,
            settings,
            faults,
            workers: if is_sandbox { 2 } else { rng.usize(2..7).max(2 + partners) - partners },
            steps: rng.usize(2..6),
            shared_carts,
            clients,
            odds: Odds { unreachable: [0.0, 0.02, 0.1][rng.usize(..3)], ended: [0.0, 0.0, 0.02, 0.1][rng.usize(..4)] },
            breaks: (0..2).map(|_| breaks(&mut rng)).collect(),
            store_failure: [0.0, 0.5][rng.usize(..2)],
            crash: [0.0, 0.1, 0.4][rng.usize(..3)],
            rejection: [0.0, 0.3, 0.9][rng.usize(..3)],
            stale: [0.0, 0.2, 0.6][rng.usize(..3)],
            unmarked: [0.0, 0.5, 0.9][rng.usize(..3)],
            jumps,
            is_client_set,
        }
    }
}

/// One client, or two.
fn clients(rng: &mut Rng, single_use_refresh: bool) -> Vec<ClientPlan> {
    let count = rng.usize(1..3);
    let mut clients: Vec<ClientPlan> = Vec::new();
    for _ in 0..count {
        // A refresh token that can be used once can't be shared.
        let is_user_taken =
            single_use_refresh && clients.iter().any(|client| client.credential == CredentialKind::User);
        clients.push(ClientPlan {
            credential: if rng.u8(..3) == 0 || is_user_taken { CredentialKind::App } else { CredentialKind::User },
            per_minute: [500, 500, 120, 30][rng.usize(..4)],
            burst: [20, 20, 5, 1][rng.usize(..4)],
            skew: if rng.u8(..4) == 0 { rng.i64(-3 * 3600..3 * 3600) } else { rng.i64(-60..60) },
        });
    }
    clients
}

/// When a connection breaks, and how long it is silent before.
fn breaks(rng: &mut Rng) -> Vec<Break> {
    let count = rng.usize(..4);
    let one = |_| Break {
        after: Duration::from_secs_f64(some_seconds(rng)),
        silence: if rng.bool() { Duration::ZERO } else { SILENCE.mul_f64(rng.f64()) },
    };
    (0..count).map(one).collect()
}

fn settings(rng: &mut Rng, reading: Reading, single_use_refresh: bool) -> Settings {
    let mut settings = Settings::default();
    settings.bom = rng.bool();
    settings.gzip = false;
    settings.fault_code = [CodeForm::Number, CodeForm::Text][rng.usize(..2)];
    settings.token_lifetime = Duration::from_secs(rng.u64(400..4000));
    settings.single_use_refresh = single_use_refresh;
    settings.environment = if rng.u8(..3) == 0 { Environment::Sandbox } else { Environment::Production };
    settings.request_ids = if reading == Reading::Ignored { RequestIds::Ignored } else { RequestIds::Honoured };
    settings.request_id_retention = match reading {
        Reading::Forgotten => Duration::from_secs(1),
        // A little longer than the client assumes, or much longer.
        Reading::Honoured => Duration::from_secs([11 * 60, 3600, 30 * 24 * 3600][rng.usize(..3)]),
        Reading::Ignored => Duration::from_secs(30 * 24 * 3600),
    };
    settings.rate = [500, 500, 40][rng.usize(..3)];
    settings.retry_after = [RetryAfterForm::Seconds, RetryAfterForm::Date][rng.usize(..2)];
    settings.throttle_body = [ThrottleBody::Gateway, ThrottleBody::Fault][rng.usize(..2)];
    settings.processing_time = Duration::from_millis([0, 50, 3000][rng.usize(..3)]);
    settings.provisioning_time = Duration::from_secs([0, 5, 600][rng.usize(..3)]);
    settings.list_lag = Duration::from_secs([0, 60, 899][rng.usize(..3)]);
    settings.repeated_checkout = [RepeatedCheckout::Repeated, RepeatedCheckout::Refused][rng.usize(..2)];
    settings.checkout_with_line_errors =
        [CheckoutWithLineErrors::Refused, CheckoutWithLineErrors::Partial][rng.usize(..2)];
    settings.checkout = [SuccessStatus::Created, SuccessStatus::Ok][rng.usize(..2)];
    settings.replaced_cart = [SuccessStatus::Created, SuccessStatus::Ok][rng.usize(..2)];
    settings
}

/// The token endpoint responds with `Retry-After`. No refresh token is lost with that.
fn throttled_tokens(rng: &mut Rng) -> Fault {
    let retry_after = [RetryAfterForm::Seconds, RetryAfterForm::Date][rng.usize(..2)];
    let kind = FaultKind::Throttled { seconds: rng.u64(1..200), retry_after, body: ThrottleBody::Gateway };
    Fault::new(kind).on("token").skip(rng.u32(..4)).times(rng.u32(1..4))
}

fn fault(rng: &mut Rng, single_use_refresh: bool) -> Fault {
    let operations = operations();
    // A refresh token that can be used once is lost with the response that has its successor: that can't be tested.
    let reachable = if single_use_refresh { operations.len() - 1 } else { operations.len() };
    let operation = operations[rng.usize(..reachable)];
    let (_, draw) = KINDS[rng.usize(..KINDS.len())];
    Fault::new(draw(rng)).on(operation).skip(rng.u32(..3)).times(rng.u32(1..4))
}
