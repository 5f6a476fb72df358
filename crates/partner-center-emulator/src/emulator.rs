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

/// A running emulator. Dropping it stops it and closes its connections.
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

/// The credentials that a client authenticates with.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) tenant: Uuid,
    pub(crate) tenant_domains: Vec<String>,
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
    /// Returns the base URL of the API, without `/v1`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the address of the identity platform, without the tenant: the token endpoint is
    /// `{authority}/{tenant}/oauth2/v2.0/token`.
    pub fn authority(&self) -> &str {
        &self.base_url
    }

    /// Returns the address of the control endpoint: faults, clock, state and log for programs in any language.
    pub fn control_url(&self) -> String {
        format!("{}/{CONTROL}", self.base_url)
    }

    /// Whether the emulator has no socket: only [`Emulator::service`] reaches it.
    pub fn is_in_memory(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Returns the partner's tenant.
    pub fn tenant(&self) -> Uuid {
        self.identity.tenant
    }

    /// Returns the tenant's domains. Each of them can replace the tenant's id in addresses of the authorization server.
    pub fn tenant_domains(&self) -> &[String] {
        &self.identity.tenant_domains
    }

    /// Returns the application's client id.
    pub fn client_id(&self) -> Uuid {
        self.identity.client_id
    }

    /// Returns the application's secret.
    pub fn client_secret(&self) -> &str {
        &self.identity.client_secret
    }

    /// Returns a refresh token of a user who signed in with multi-factor authentication.
    pub fn refresh_token(&self) -> &str {
        &self.identity.refresh_token
    }

    /// Returns the customers in the order in which they were added, the documented one first.
    pub fn customers(&self) -> Vec<Uuid> {
        lock(&self.shared.state).customer_ids()
    }

    /// Returns the clock. Its clones share the same time.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// Returns the current settings.
    pub fn settings(&self) -> Settings {
        Settings::clone(&self.shared.settings())
    }

    /// Changes settings while the emulator runs.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        self.shared.configure(change);
    }

    /// Returns the emulator as a service that is called without a socket, with the same state.
    pub fn service(&self) -> EmulatorService {
        EmulatorService::new(Arc::clone(&self.shared), Arc::clone(&self.base_url), Connection::default())
    }

    /// Plans a fault, after those that are planned already. Returns its number for [`Emulator::cancel_fault`].
    pub fn plan_fault(&self, fault: Fault) -> u64 {
        lock(&self.shared.plan).add(fault)
    }

    /// Cancels a planned fault. Returns whether there was one with this number.
    pub fn cancel_fault(&self, number: u64) -> bool {
        lock(&self.shared.plan).remove(number)
    }

    /// Cancels all planned faults.
    pub fn cancel_faults(&self) {
        lock(&self.shared.plan).clear();
    }

    /// Returns the logged exchanges, the newest last. [`Settings::log_entries`] limits their number.
    pub fn exchanges(&self) -> Vec<Arc<Exchange>> {
        lock(&self.shared.log).since(0)
    }

    /// Returns how often things happened: `requests`, `repeated`, `throttled`, `faults`, and the effects of writes such as
    /// `ordersPlaced`. Effects that never happened are absent.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.shared.counts()
    }

    /// Returns a number that grows whenever the state may have changed.
    pub fn changes(&self) -> u64 {
        self.shared.counters.changes.load(Ordering::Relaxed)
    }

    /// Returns the findings of the response check, if there is one.
    pub fn violations(&self) -> Vec<String> {
        self.shared.violations()
    }

    /// Returns a customer's orders as reads show them now, without prices. Orders that lists don't show yet are included.
    pub fn orders(&self, customer: Uuid) -> Vec<Value> {
        let mut state = lock(&self.shared.state);
        state.settle(&self.shared.settings(), self.shared.clock.now());
        let records = state.customers.get(&customer).into_iter().flat_map(|customer| customer.orders.iter());
        records.filter_map(|record| serde_json::to_value(record.shown(None)).ok()).collect()
    }

    /// Returns the users that the licences of a customer's orders are for, by order id, from `x-ms-customeruser-upn`.
    pub fn licensed_users(&self, customer: Uuid) -> BTreeMap<String, String> {
        let state = lock(&self.shared.state);
        let records = state.customers.get(&customer).into_iter().flat_map(|customer| customer.orders.iter());
        records.filter_map(|record| Some((record.order.id.clone(), record.licensed_user.clone()?))).collect()
    }

    /// Returns a customer's subscriptions as reads show them now.
    pub fn subscriptions(&self, customer: Uuid) -> Vec<Value> {
        let mut state = lock(&self.shared.state);
        let now = self.shared.clock.now();
        state.settle(&self.shared.settings(), now);
        let records = state.customers.get(&customer).into_iter().flat_map(|customer| customer.subscriptions.iter());
        records.filter_map(|record| serde_json::to_value(record.shown(now)).ok()).collect()
    }

    /// Returns the current state, to be saved.
    pub fn scenario(&self) -> Scenario {
        Scenario::of(&lock(&self.shared.state))
    }

    /// Returns a new access token of the application without a user.
    pub fn app_token(&self) -> String {
        self.token(&Subject::Application)
    }

    /// Returns a new access token of the application with a user, who signed in with multi-factor authentication or without.
    pub fn user_token(&self, mfa: bool) -> String {
        self.token(&Subject::User { mfa })
    }

    fn token(&self, subject: &Subject) -> String {
        let settings = self.shared.settings();
        let lifetime = delta(settings.token_lifetime).num_seconds();
        let now = self.shared.clock.now();
        lock(&self.shared.identity_platform).mint(subject, &settings.audience, &self.base_url, now, lifetime)
    }

    /// Returns a new refresh token of a user.
    pub fn new_refresh_token(&self, mfa: bool) -> String {
        let settings = self.shared.settings();
        let ends = self.shared.clock.now() + delta(settings.refresh_token_lifetime);
        lock(&self.shared.identity_platform).mint_refresh_token(mfa, &settings.audience, ends)
    }

    /// Registers a certificate of the application, as DER or PEM, for client assertions. Returns whether it is a certificate.
    ///
    /// As long as no certificate is registered, signatures of assertions are not verified.
    pub fn register_certificate(&self, certificate: &[u8]) -> bool {
        crate::control::der(certificate).is_some_and(|der| lock(&self.shared.identity_platform).certificates.add(der))
    }

    /// Completes the sign-in of a device code immediately. Returns whether there is such a code.
    pub fn approve_device(&self, user_code: &str) -> bool {
        lock(&self.shared.identity_platform).approve_device(user_code)
    }
}

#[cfg(feature = "tls")]
impl Emulator {
    /// Returns the base URL of the API over https, if there is an https listener.
    pub fn tls_base_url(&self) -> Option<&str> {
        self.tls.as_ref().map(|tls| &*tls.base_url)
    }

    /// Returns the address of the identity platform over https, if there is an https listener.
    pub fn tls_authority(&self) -> Option<&str> {
        self.tls_base_url()
    }

    /// Returns the file with the certificate that clients must trust, as PEM. It is deleted when the emulator is dropped.
    pub fn ca_file(&self) -> Option<&std::path::Path> {
        self.tls.as_ref().map(|tls| tls.ca_file.path())
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}
