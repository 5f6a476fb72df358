//! A tenant with a quota, in a minute that tokio's paused clock makes short.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use partner_center_orders::{PartnerCenter, SendRequest, StaticToken, TransportError};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::payload;

const QUOTA: usize = 500;
const MINUTE: Duration = Duration::from_secs(60);

/// Rejects requests beyond the quota within any minute.
#[derive(Debug)]
struct Tenant {
    body: String,
    start: Instant,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    recent: VecDeque<Instant>,
    rejected_late: usize,
    responses: usize,
}

impl SendRequest for Tenant {
    fn send(&self, _: reqwest::Request) -> crate::BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        Box::pin(async {
            let now = Instant::now();
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            while state.recent.front().is_some_and(|sent| now - *sent >= MINUTE) {
                state.recent.pop_front();
            }
            if state.recent.len() >= QUOTA {
                state.rejected_late += usize::from(now - self.start > MINUTE);
                let rejection = http::Response::builder().status(429).header("retry-after", "5").body("");
                return Ok(rejection.expect("the header is one").into());
            }
            state.recent.push_back(now);
            state.responses += 1;
            Ok(http::Response::new(self.body.clone()).into())
        })
    }
}

pub fn run(reads: usize) -> Result<Value, String> {
    const TASKS: usize = 64;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.map_err(|error| error.to_string())?.block_on(async {
        let state = Arc::new(Mutex::new(State::default()));
        let start = Instant::now();
        let tenant = Tenant { body: payload::order(0), start, state: Arc::clone(&state) };
        let builder = PartnerCenter::builder().credential(StaticToken::new("a token")).deadline(None);
        let partner = builder.send_with(tenant).build().map_err(|error| error.to_string())?;
        let customer = "b0d70a69-4c42-4b27-b17b-91a835d8686a".parse().map_err(|_| "no customer")?;
        let tasks = (0..TASKS).map(|task| {
            let orders = partner.customer(customer).orders();
            let share = reads / TASKS + usize::from(task < reads % TASKS);
            async move {
                for _ in 0..share {
                    orders.get("one").await.map_err(|error| error.to_string())?;
                }
                Ok::<_, String>(())
            }
        });
        futures_util::future::try_join_all(tasks).await?;
        let minutes = start.elapsed().as_secs_f64() / 60.0;
        let state = state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.responses != reads {
            return Err(format!("{} responses to {reads} reads", state.responses));
        }
        Ok(json!({ "share": reads as f64 / minutes / QUOTA as f64, "rejected_late": state.rejected_late }))
    })
}
