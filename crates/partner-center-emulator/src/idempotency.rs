//! Request ids: a write that is repeated under the same id gets the recorded answer and has no second effect.
//!
//! That the id is the service's idempotency key is documented; what follows here is the emulator's reading of it. Reads are
//! never answered from the record.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use http::StatusCode;
use tokio::sync::watch;
use uuid::Uuid;

use crate::clock::delta;
use crate::settings::Settings;
use crate::shared::lock;
use crate::wire::answer::Answer;

/// What a request id was used for. Another method, path or body makes another request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    pub(crate) method: http::Method,
    pub(crate) target: String,
    pub(crate) body: Vec<u8>,
}

impl Fingerprint {
    /// Two bodies are the same if they say the same: JSON by its value, other things by their bytes.
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
    /// The ids with a recorded answer, the oldest first.
    finished: VecDeque<(DateTime<Utc>, Uuid)>,
}

#[derive(Debug)]
struct Entry {
    fingerprint: Fingerprint,
    state: State,
}

#[derive(Debug)]
enum State {
    /// A request is at work; the channel closes when it is done.
    Running(watch::Receiver<()>),
    Finished(Answer),
}

/// What a request meets under its id.
pub(crate) enum Claim {
    /// It is the first: it may go to work.
    First(Permit),
    /// It was answered already.
    Repeated(Answer),
    /// The id was used for something else.
    Other,
}

/// The right to work under a request id. If it is dropped without an answer that is final, the next one may try.
#[derive(Debug)]
pub(crate) struct Permit {
    idempotency: Idempotency,
    id: Uuid,
    /// Whoever waits for this request waits for this to be dropped.
    _running: watch::Sender<()>,
    finished: bool,
}

impl Idempotency {
    /// Asks to work under an id; waits while another request with this id is at work.
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
            // Nothing is ever sent: the wait ends when the other request is done.
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
            Some(Entry { state: State::Finished(answer), .. }) => Ok(Claim::Repeated(answer.clone())),
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
    /// Forgets what is too old, and the oldest where there is too much.
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
    /// Records the answer, if it is final.
    pub(crate) fn finish(mut self, answer: &Answer, now: DateTime<Utc>) {
        if !is_final(answer.status) {
            return;
        }
        self.finished = true;
        let mut record = lock(&self.idempotency.0);
        if let Some(entry) = record.entries.get_mut(&self.id) {
            entry.state = State::Finished(answer.clone());
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

/// Successes and business refusals are final; what says nothing about the request itself isn't.
fn is_final(status: StatusCode) -> bool {
    let passing =
        matches!(status, StatusCode::UNAUTHORIZED | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
    status.is_success() || (status.is_client_error() && !passing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_whose_request_ended_without_an_answer_is_free_again() {
        let idempotency = Idempotency::default();
        let fingerprint = Fingerprint { method: http::Method::POST, target: "/v1".to_owned(), body: Vec::new() };
        let claim = || idempotency.try_claim(Uuid::nil(), &fingerprint, &Settings::default(), DateTime::UNIX_EPOCH);

        let Ok(Claim::First(permit)) = claim() else { panic!("the id is taken") };
        assert!(claim().is_err(), "the first request is at work");
        drop(permit);
        assert!(matches!(claim(), Ok(Claim::First(_))));
    }

    #[test]
    fn only_what_answers_the_request_itself_is_final() {
        let finals = [200, 201, 202, 400, 403, 404, 409, 412].map(|code| is_final(StatusCode::from_u16(code).unwrap()));
        assert!(finals.iter().all(|is_final| *is_final));
        let passing =
            [302, 401, 408, 429, 500, 502, 503, 504].map(|code| is_final(StatusCode::from_u16(code).unwrap()));
        assert!(passing.iter().all(|is_final| !is_final));
    }

    #[test]
    fn json_bodies_are_the_same_whatever_their_spaces_and_order() {
        assert_eq!(Fingerprint::of_body(br#"{"a":1,"b":2}"#), Fingerprint::of_body(br#"{ "b": 2, "a": 1 }"#));
        assert_ne!(Fingerprint::of_body(br#"{"a":1}"#), Fingerprint::of_body(br#"{"a":2}"#));
    }
}
