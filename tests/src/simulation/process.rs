//! One task of a client: it makes calls, is interrupted in the middle of them, and resumes its pending writes.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use fastrand::Rng;
use partner_center_emulator::Clock as ServiceClock;
use partner_center_orders::{Call, Request, Response};
use partner_center_orders::{Customer, Error, PartnerCenter, PendingWrite, Resumable, RetryClass, RetryWrites};
use tokio::time::Instant;

use super::ledger::{Claim, Effect, Ledger, Reported};
use super::lock::lock;
use super::plan::{Layer, Plan, Reading, some_seconds};
use super::trace::Trace;
use super::wire::Wire;

/// The state that all tasks of a world share.
#[derive(Clone)]
pub(super) struct World {
    pub(super) plan: Arc<Plan>,
    /// The wire of each client.
    pub(super) wires: Vec<Wire>,
    /// The clock that counts: the client's may be wrong.
    pub(super) service_clock: ServiceClock,
    pub(super) began: Instant,
    pub(super) ledger: Arc<Mutex<Ledger>>,
    pub(super) trace: Arc<Mutex<Trace>>,
}

impl World {
    pub(super) fn note(&self, who: &str, what: &str) {
        lock(&self.trace).note(self.began.elapsed(), who, what);
    }

    pub(super) fn broken(&self, who: &str, promise: String) {
        self.note(who, &format!("BROKEN: {promise}"));
        lock(&self.ledger).violations.push(promise);
    }

    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }
}

/// The time after its first attempt for which the client certainly assumes that a write is remembered: its retention, less jumps.
const REMEMBERED: Duration = Duration::from_secs(7 * 60);

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Makes the call of a pending write again.
type Again = Box<dyn Fn(&Process) -> Boxed<Result<(), Error>> + Send + Sync>;

/// A pending write, and how to resume it.
pub(super) struct Open {
    effects: Vec<Effect>,
    /// By the service's clock.
    begun: SystemTime,
    again: Again,
}

/// One task of a client.
pub(super) struct Process {
    pub(super) name: String,
    pub(super) world: World,
    /// Which client it belongs to.
    pub(super) client: usize,
    pub(super) partner: PartnerCenter,
    pub(super) customer: Customer,
    pub(super) random: Mutex<Rng>,
    pub(super) open: Mutex<Vec<Open>>,
    /// The writes that were still open when no further fault occurred.
    pub(super) unsettled: Mutex<Vec<Open>>,
}

/// Records what a response shows of a write's effects.
pub(super) type Check<T> = Arc<dyn Fn(&mut Ledger, &[Effect], &T) + Send + Sync>;

/// Takes any response as a sign that the write had its effects.
pub(super) fn done<T>() -> Check<T> {
    Arc::new(|ledger, effects, _| ledger.report_all(effects, Reported::Placed))
}

impl Process {
    pub(super) fn note(&self, what: &str) {
        self.world.note(&self.name, what);
    }

    pub(super) fn wire(&self) -> &Wire {
        &self.world.wires[self.client]
    }

    pub(super) fn draw<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> T {
        draw(&mut lock(&self.random))
    }

    pub(super) fn mark(&self) -> i32 {
        self.world.ledger().mark()
    }

    /// Makes a call that only reads, or one whose effect isn't counted.
    pub(super) async fn call<R: Request>(&self, what: &str, call: Call<R>) -> Result<R::Output, Error> {
        let deadline = self.deadline();
        let outcome = self.timed(what, deadline, Box::pin(call.deadline(deadline).send())).await;
        outcome.map(Response::into_inner)
    }

    fn deadline(&self) -> Duration {
        Duration::from_secs(self.draw(|random| [10, 60, 180, 900][random.usize(..4)]))
    }

    /// Waits for a call, and checks it against the promises for every call.
    async fn timed<T>(
        &self,
        what: &str,
        deadline: Duration,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        self.world.ledger().calls += 1;
        let began = Instant::now();
        let outcome = call.await;
        let took = began.elapsed();
        match &outcome {
            Ok(_) => self.note(&format!("{what}: done")),
            Err(error) => self.note(&format!("{what}: {error}")),
        }
        // tokio's clock has steps of a millisecond.
        if took > deadline + Duration::from_millis(2) {
            self.world.broken(&self.name, format!("{what} outlived its deadline of {deadline:?}: it took {took:?}"));
        }
        if let Err(error) = &outcome {
            self.gave_up_early(what, error, deadline.saturating_sub(took));
        }
        outcome
    }

    /// A call may end without a final response only if attempts or time are used up.
    fn gave_up_early(&self, what: &str, error: &Error, left: Duration) {
        let Some((operation, id)) = error.operation().zip(error.request_id()) else { return };
        let is_repeated = match operation.retry_class() {
            RetryClass::Read | RetryClass::IdempotentWrite => true,
            _ => self.world.plan.writes == RetryWrites::SameId,
        };
        let seen = self.wire().seen();
        let Some(last) = seen.last(&id.to_string()) else { return };
        // With a rate limit slower than the calls, the next permit can come too late.
        let has_permits = self.world.plan.clients[self.client].per_minute == 500 && !seen.has_hidden_attempts();
        let is_early = error.attempts() > 0
            && last.failed
            && !last.asked_to_wait
            && error.attempts() < 4
            && left > Duration::from_secs(70);
        let attempts = error.attempts();
        drop(seen);
        if is_repeated && has_permits && is_early && !error.is_authentication() {
            self.world
                .broken(&self.name, format!("{what} gave up after {attempts} attempts, with {left:?} left ({id})"));
        }
    }

    /// Makes a write, which may be interrupted and resumed, and reports its effects.
    ///
    /// `Ok` holds the response; `Err` means that the write was rejected, or that its outcome is unknown.
    pub(super) async fn write<R, F>(
        self: &Arc<Self>,
        what: &str,
        effects: Vec<Effect>,
        call: F,
        check: Check<R::Output>,
    ) -> Option<R::Output>
    where
        R: Resumable + 'static,
        R::Output: Send,
        F: Fn(&Process) -> Call<R> + Clone + Send + Sync + 'static,
    {
        let id = self.draw(|random| uuid::Builder::from_random_bytes(random.u128(..).to_ne_bytes()).into_uuid());
        let pending_write = PendingWrite::new(id, self.service_time().await?);
        let begun: SystemTime = self.world.service_clock.now().into();
        let what = if effects.is_empty() { format!("{what} {id}") } else { format!("{what} {id} {effects:?}") };
        // Within a process, the error has it.
        let mut known = pending_write;
        for attempt in 0.. {
            let deadline = self.deadline();
            let mut made = call(self).deadline(deadline).request_id(id);
            if attempt > 0 {
                self.world.ledger().resumed += 1;
                let same_process = self.draw(fastrand::Rng::bool);
                made = made.resume(if same_process { known } else { pending_write });
            }
            let crash = self.world.plan.crash;
            let cut = self.draw(|random| (random.f64() < crash).then(|| some_seconds(random)));
            let timed = self.timed(&what, deadline, Box::pin(made.send()));
            let mut asked = Duration::ZERO;
            let outcome = match cut {
                Some(after) => tokio::time::timeout(Duration::from_secs_f64(after), timed).await.ok(),
                None => Some(timed.await),
            };
            match outcome {
                Some(Ok(response)) => {
                    let response = response.into_inner();
                    check(&mut self.world.ledger(), &effects, &response);
                    return Some(response);
                }
                Some(Err(error)) if !error.is_outcome_unknown() => {
                    self.world.ledger().report_all(&effects, Reported::Failed);
                    return None;
                }
                Some(Err(error)) => {
                    if let Some(reported) = self.misread(&effects, &error) {
                        self.world.ledger().report_all(&effects, reported);
                        return None;
                    }
                    known = error.pending_write().unwrap_or(known);
                    asked = error.retry_after().unwrap_or_default();
                }
                None => {
                    self.world.ledger().crashes += 1;
                    self.wire().seen().forget(&id.to_string());
                    self.note(&format!("{what}: cut off"));
                }
            }
            if attempt >= 2 {
                break;
            }
            let pause = self.draw(|random| [0, 3, 120, 480, 1000, 4000][random.usize(..6)]);
            tokio::time::sleep(Duration::from_secs(pause).max(asked)).await;
        }
        self.world.ledger().report_all(&effects, Reported::Unknown { undisturbed: false });
        let marked = effects.clone();
        let again = move |process: &Process| -> Boxed<Result<(), Error>> {
            let made = call(process).resume(pending_write);
            let (marked, world) = (marked.clone(), process.world.clone());
            let (name, what, check) = (process.name.clone(), what.clone(), Arc::clone(&check));
            Box::pin(async move {
                let response = made.send().await;
                world.note(&name, &format!("{what}, undisturbed: {}", shown(response.as_ref().err())));
                check(&mut world.ledger(), &marked, &response?.into_inner());
                Ok(())
            })
        };
        lock(&self.open).push(Open { effects, begun, again: Box::new(again) });
        None
    }

    /// The service's time, as the client knows it: a write that another process began can only be dated by that.
    async fn service_time(&self) -> Option<SystemTime> {
        for _ in 0..5 {
            if let Some(time) = self.partner.service_time() {
                return Some(time);
            }
            // Any response shows it.
            drop(self.call("learn the time", self.customer.orders().get("none")).await);
        }
        self.note("the service's time can't be learned");
        None
    }

    /// The result that a client without a policy would have reported for an unknown outcome.
    fn misread(&self, effects: &[Effect], error: &Error) -> Option<Reported> {
        match self.world.plan.options.without? {
            Layer::Evidence => {
                let candidate = error.candidates().first()?;
                if let Effect::PlainOrder { user, .. } = effects.first()? {
                    let order = candidate.order_id.clone();
                    let claim = Claim { order, user: user.clone() };
                    self.world.ledger().claims.push(claim);
                }
                Some(Reported::Placed)
            }
            Layer::OpenRejection => error.status()?.is_client_error().then_some(Reported::Failed),
            _ => None,
        }
    }

    /// Resumes all open writes without further faults, as a task of its own client or of the other one.
    pub(super) async fn finish(&self, by: &Self) {
        let open = std::mem::take(&mut *lock(&self.open));
        for open in open {
            let now: SystemTime = self.world.service_clock.now().into();
            let ago = now.duration_since(open.begun).unwrap_or_default();
            let undisturbed = self.world.plan.reading == Reading::Honoured
                && self.world.plan.writes == RetryWrites::SameId
                && self.world.plan.has_right_clocks()
                && ago < REMEMBERED;
            if self.resume(&open, by, undisturbed).await {
                lock(&self.unsettled).push(open);
            }
        }
    }

    /// Resumes what is still open once more, when every effect has become visible: writes with evidence are settled then.
    pub(super) async fn settle(&self, by: &Self) {
        let unsettled = std::mem::take(&mut *lock(&self.unsettled));
        for open in unsettled {
            let has_evidence = match open.effects[..] {
                [Effect::Order { quantity, .. }] => !self.world.ledger().in_parts.contains(&quantity),
                [Effect::AddOn { .. }] => true,
                _ => false,
            };
            self.resume(&open, by, has_evidence).await;
        }
    }

    /// Resumes a write; returns whether its outcome is still unknown.
    async fn resume(&self, open: &Open, by: &Self, undisturbed: bool) -> bool {
        self.world.ledger().resumed += 1;
        let Err(error) = (open.again)(by).await else { return false };
        let unknown = error.is_outcome_unknown();
        let reported = if unknown { Reported::Unknown { undisturbed } } else { Reported::Failed };
        let misread = self.misread(&open.effects, &error).filter(|_| unknown);
        self.world.ledger().report_all(&open.effects, misread.unwrap_or(reported));
        unknown && misread.is_none()
    }
}

fn shown(error: Option<&Error>) -> String {
    error.map_or_else(|| "done".to_owned(), ToString::to_string)
}
