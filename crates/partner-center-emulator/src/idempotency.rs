//! Request ids: a write that is repeated under the same id gets the recorded response and has no second effect.
//!
//! That the id is the service's idempotency key is documented; the details are the emulator's choice. Reads are never
//! repeated from the record.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use http::StatusCode;
use tokio::sync::watch;
use uuid::Uuid;

use crate::clock::delta;
use crate::settings::Settings;
use crate::sync::lock;
use crate::wire::response::BufferedResponse;

/// The request that an id was used for. Another method, path or body makes another request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    pub(crate) method: http::Method,
    pub(crate) target: String,
    pub(crate) body: Vec<u8>,
}

impl Fingerprint {
    /// Returns a digest: JSON bodies are compared by value, others by their bytes.
    pub(crate) fn of_body(body: &[u8]) -> Vec<u8> {
        let bytes = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let digest = |bytes: &[u8]| ring::digest::digest(&ring::digest::SHA256, bytes).as_ref().to_vec();
        match serde_json::from_slice::<serde_json::Value>(bytes) {
            Ok(value) => digest(value.to_string().as_bytes()),
            Err(_) => digest(body),
        }
    }
}

/// The record of request ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct Idempotency(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
struct Record {
    entries: HashMap<Uuid, Entry>,
    /// The ids with a recorded response, the oldest first.
    finished: VecDeque<(DateTime<Utc>, Uuid)>,
}

#[derive(Debug)]
struct Entry {
    fingerprint: Fingerprint,
    state: State,
}

#[derive(Debug)]
enum State {
    /// A request is in progress; the channel closes when it is done.
    Running(watch::Receiver<()>),
    Finished(BufferedResponse),
}

/// The result of claiming a request id.
pub(crate) enum Claim {
    /// The request is the first under its id.
    First(Permit),
    /// The request was processed before.
    Repeated(BufferedResponse),
    /// The id was used for another request.
    Other,
}

/// The right to process a request under its id. If it is dropped without a final response, the next request may claim the id.
#[derive(Debug)]
pub(crate) struct Permit {
    idempotency: Idempotency,
    id: Uuid,
    /// Duplicates wait until this is dropped.
    _running: watch::Sender<()>,
    finished: bool,
}

impl Idempotency {
    /// Claims an id; waits while another request with this id is in progress.
    pub(crate) async fn claim(
        &self,
        id: Uuid,
        fingerprint: &Fingerprint,
        settings: &Settings,
        now: DateTime<Utc>,
    ) -> Claim {
        loop {
            let mut running = match self.try_claim(id, fingerprint, settings, now) {
                Ok(claim) => return claim,
                Err(running) => running,
            };
            // No value is ever sent: the wait ends when the other request is done.
            drop(running.changed().await);
        }
    }

    fn try_claim(
        &self,
        id: Uuid,
        fingerprint: &Fingerprint,
        settings: &Settings,
        now: DateTime<Utc>,
    ) -> Result<Claim, watch::Receiver<()>> {
        let mut record = lock(&self.0);
        record.forget(settings, now);
        match record.entries.get(&id) {
            Some(entry) if entry.fingerprint != *fingerprint => Ok(Claim::Other),
            Some(Entry { state: State::Finished(response), .. }) => Ok(Claim::Repeated(response.clone())),
            Some(Entry { state: State::Running(running), .. }) => Err(running.clone()),
            None => {
                let (sender, receiver) = watch::channel(());
                let entry = Entry { fingerprint: fingerprint.clone(), state: State::Running(receiver) };
                record.entries.insert(id, entry);
                Ok(Claim::First(Permit { idempotency: self.clone(), id, _running: sender, finished: false }))
            }
        }
    }
}

impl Record {
    /// Removes entries that are too old, and the oldest ones beyond the capacity.
    fn forget(&mut self, settings: &Settings, now: DateTime<Utc>) {
        let retention = delta(settings.request_id_retention);
        while let Some((at, id)) = self.finished.front().copied() {
            if at + retention > now && self.finished.len() <= settings.request_id_capacity {
                break;
            }
            self.finished.pop_front();
            self.entries.remove(&id);
        }
    }
}

impl Permit {
    /// Records the response, if it is final.
    pub(crate) fn finish(mut self, response: &BufferedResponse, now: DateTime<Utc>) {
        if !is_final(response.status) {
            return;
        }
        self.finished = true;
        let mut record = lock(&self.idempotency.0);
        if let Some(entry) = record.entries.get_mut(&self.id) {
            entry.state = State::Finished(response.clone());
            record.finished.push_back((now, self.id));
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.finished {
            lock(&self.idempotency.0).entries.remove(&self.id);
        }
    }
}

/// Successes and business errors are final; a response that depends on other things than the request is not.
fn is_final(status: StatusCode) -> bool {
    let transient =
        matches!(status, StatusCode::UNAUTHORIZED | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
    status.is_success() || (status.is_client_error() && !transient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_released_without_a_final_response() {
        let idempotency = Idempotency::default();
        let fingerprint = Fingerprint { method: http::Method::POST, target: "/v1".to_owned(), body: Vec::new() };
        let claim = || idempotency.try_claim(Uuid::nil(), &fingerprint, &Settings::default(), DateTime::UNIX_EPOCH);

        let Ok(Claim::First(permit)) = claim() else { panic!("the id is in use") };
        assert!(claim().is_err(), "the first request is in progress");
        drop(permit);
        assert!(matches!(claim(), Ok(Claim::First(_))));
    }

    #[test]
    fn only_successes_and_business_errors_are_final() {
        let finals = [200, 201, 202, 400, 403, 404, 409, 412].map(|code| is_final(StatusCode::from_u16(code).unwrap()));
        assert!(finals.iter().all(|is_final| *is_final));
        let transient =
            [302, 401, 408, 429, 500, 502, 503, 504].map(|code| is_final(StatusCode::from_u16(code).unwrap()));
        assert!(transient.iter().all(|is_final| !is_final));
    }

    #[test]
    fn json_bodies_are_compared_by_value() {
        assert_eq!(Fingerprint::of_body(br#"{"a":1,"b":2}"#), Fingerprint::of_body(br#"{ "b": 2, "a": 1 }"#));
        assert_ne!(Fingerprint::of_body(br#"{"a":1}"#), Fingerprint::of_body(br#"{"a":2}"#));
    }
}
