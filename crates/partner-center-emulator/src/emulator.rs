//! A running emulator.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::Value;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::clock::{Clock, delta};
use crate::connection::Connection;
use crate::faults::Fault;
use crate::identity::tokens::Subject;
use crate::log::Exchange;
use crate::route::CONTROL;
use crate::scenario::Scenario;
use crate::service::EmulatorService;
use crate::settings::Settings;
use crate::shared::Shared;
use crate::sync::lock;

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
    pub(crate) shared: Arc<Shared>,
    pub(crate) base_url: Arc<str>,
    pub(crate) identity: Identity,
    pub(crate) tasks: Vec<JoinHandle<()>>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<Tls>,
}

/// What a client signs in with.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) tenant: Uuid,
    pub(crate) client_id: Uuid,
    pub(crate) client_secret: String,
    pub(crate) refresh_token: String,
}

#[cfg(feature = "tls")]
#[derive(Debug)]
pub(crate) struct Tls {
    pub(crate) base_url: Arc<str>,
    pub(crate) ca_file: crate::tls::CaFile,
}

impl Emulator {
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
        lock(&self.shared.state).customer_ids()
    }

    /// The clock. Its clones move the same hands.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// The settings as they are now.
    pub fn settings(&self) -> Settings {
        Settings::clone(&self.shared.settings())
    }

    /// Changes settings while the emulator runs.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        self.shared.configure(change);
    }

    /// The emulator as a service that is called without a socket, with the same state.
    pub fn service(&self) -> EmulatorService {
        EmulatorService::new(Arc::clone(&self.shared), Arc::clone(&self.base_url), Connection::default())
    }

    /// Plans a fault. It comes after those that are planned already. Gives its number, to take it back with.
    pub fn plan_fault(&self, fault: Fault) -> u64 {
        lock(&self.shared.plan).add(fault)
    }

    /// Takes a planned fault back. Says whether it was there.
    pub fn cancel_fault(&self, number: u64) -> bool {
        lock(&self.shared.plan).remove(number)
    }

    /// Takes all planned faults back.
    pub fn cancel_faults(&self) {
        lock(&self.shared.plan).clear();
    }

    /// What came and went, the newest at the end. The oldest are forgotten: see [`Settings::log_entries`].
    pub fn exchanges(&self) -> Vec<Arc<Exchange>> {
        lock(&self.shared.log).since(0)
    }

    /// How often things happened: `requests`, `repeated`, `throttled`, `faults`, and the effects of writes such as
    /// `ordersPlaced`. What never happened isn't there.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.shared.counts()
    }

    /// A number that grows whenever something may have changed the state.
    pub fn changes(&self) -> u64 {
        self.shared.counters.changes.load(Ordering::Relaxed)
    }

    /// What the check of answers found, if there is one.
    pub fn violations(&self) -> Vec<String> {
        self.shared.violations()
    }

    /// A customer's orders as reads show them at this moment, prices left out; those that lists don't show yet are among them.
    pub fn orders(&self, customer: Uuid) -> Vec<Value> {
        let mut state = lock(&self.shared.state);
        state.settle(&self.shared.settings(), self.shared.clock.now());
        let records = state.customers.get(&customer).into_iter().flat_map(|customer| customer.orders.iter());
        records.filter_map(|record| serde_json::to_value(record.shown(None)).ok()).collect()
    }

    /// The users who were to get the licences of a customer's orders, by order id, as `x-ms-customeruser-upn` said.
    pub fn licensed_users(&self, customer: Uuid) -> BTreeMap<String, String> {
        let state = lock(&self.shared.state);
        let records = state.customers.get(&customer).into_iter().flat_map(|customer| customer.orders.iter());
        records.filter_map(|record| Some((record.order.id.clone(), record.licensed_user.clone()?))).collect()
    }

    /// A customer's subscriptions as reads show them at this moment.
    pub fn subscriptions(&self, customer: Uuid) -> Vec<Value> {
        let mut state = lock(&self.shared.state);
        state.settle(&self.shared.settings(), self.shared.clock.now());
        let records = state.customers.get(&customer).into_iter().flat_map(|customer| customer.subscriptions.iter());
        records.filter_map(|record| serde_json::to_value(&record.subscription).ok()).collect()
    }

    /// The state as it is, to be kept.
    pub fn scenario(&self) -> Scenario {
        Scenario::of(&lock(&self.shared.state))
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
        let settings = self.shared.settings();
        let lifetime = delta(settings.token_lifetime).num_seconds();
        let now = self.shared.clock.now();
        lock(&self.shared.authorization_server).mint(subject, &settings.audience, &self.base_url, now, lifetime)
    }

    /// A fresh refresh token of a user.
    pub fn new_refresh_token(&self, mfa: bool) -> String {
        let settings = self.shared.settings();
        let ends = self.shared.clock.now() + delta(settings.refresh_token_lifetime);
        lock(&self.shared.authorization_server).mint_refresh_token(mfa, &settings.audience, ends)
    }

    /// Registers a certificate of the application, as DER or PEM, for client assertions. Says whether it is one.
    ///
    /// As long as none is registered, assertions are believed whoever signed them.
    pub fn register_certificate(&self, certificate: &[u8]) -> bool {
        crate::control::der(certificate)
            .is_some_and(|der| lock(&self.shared.authorization_server).certificates.add(der))
    }

    /// Lets the user of a device code sign in at once. Says whether there is such a code.
    pub fn approve_device(&self, user_code: &str) -> bool {
        lock(&self.shared.authorization_server).approve_device(user_code)
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
