//! The settings: every choice of the emulator where the service is undocumented, or documented in two ways.

mod alternatives;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use alternatives::*;

/// Every choice of the emulator, each with its alternatives.
///
/// Change settings when building ([`EmulatorBuilder::configure`](crate::EmulatorBuilder::configure)), while running
/// ([`Emulator::configure`](crate::Emulator::configure)), or through the control endpoint, where they have the same names
/// in camelCase and durations are seconds.
///
/// ```
/// use partner_center_emulator::{RepeatedCheckout, Settings};
///
/// let mut settings = Settings::default();
/// settings.repeated_checkout = RepeatedCheckout::Refused;
/// assert_eq!(serde_json::to_value(&settings)?["repeatedCheckout"], "refused");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Settings {
    // Wire format.
    /// Whether JSON bodies of the API begin with a UTF-8 byte order mark (recorded in 2019; unknown whether still so).
    pub bom: bool,
    /// Whether responses are compressed for clients that accept gzip.
    pub gzip: bool,
    /// Whether a fault's `code` is a JSON number (recorded) or text (documented).
    pub fault_code: CodeForm,
    /// Whether the code of a cart line's error is a number (documented) or a name in `snake_case` (SDK source).
    pub cart_error_code: CodeForm,

    // Authentication.
    /// The audience that access tokens must have.
    pub audience: String,
    /// The lifetime of an access token.
    #[serde(with = "seconds")]
    pub token_lifetime: Duration,
    /// The lifetime of a refresh token.
    #[serde(with = "seconds")]
    pub refresh_token_lifetime: Duration,
    /// Whether a refresh token is valid for one use only. Otherwise the old one stays valid in addition to the new one.
    pub single_use_refresh: bool,
    /// Whether users must have signed in with multi-factor authentication (401 with code 900421 otherwise).
    pub mfa_required: bool,
    /// How many polls of a device code return `authorization_pending` before the user counts as signed in.
    pub device_code_polls: u32,
    /// Whether provisioning statuses can be read by an application without a user. The documentation names users only.
    pub app_only_provisioning_status: bool,

    // The partner.
    /// Whether this is production or an integration sandbox.
    pub environment: Environment,
    /// The kind of partner.
    pub partner_kind: PartnerKind,
    /// Whether the caller may see prices (403 with code 800043 otherwise).
    pub pricing_access: bool,

    // Request ids.
    /// Whether a write that is repeated under the same `MS-RequestId` has no second effect.
    pub request_ids: RequestIds,
    /// How long a request id is remembered. The service's own retention is undocumented.
    #[serde(with = "seconds")]
    pub request_id_retention: Duration,
    /// The largest number of request ids that are remembered. The oldest are removed first.
    pub request_id_capacity: usize,
    /// The error response to a request id that was used for another method, path or body.
    pub reused_request_id: ReusedRequestId,
    /// How an `MS-RequestId` or `MS-CorrelationId` is handled that is not a GUID.
    pub malformed_request_id: MalformedRequestId,

    // Throttling.
    /// How many requests a tenant may send in 60 seconds; 0 means no limit. Documented for orders: 500.
    pub rate: u32,
    /// Whether requests that are rejected with 429 count as well.
    pub refused_requests_count: bool,
    /// The body of a 429.
    pub throttle_body: ThrottleBody,
    /// The form of the `Retry-After` of a 429. Documented: seconds.
    pub retry_after: RetryAfterForm,

    // Orders.
    /// How long a write takes before it has its effect.
    #[serde(with = "seconds")]
    pub processing_time: Duration,
    /// How long provisioning takes: orders are `pending` and lines unfulfilled until then.
    #[serde(with = "seconds")]
    pub provisioning_time: Duration,
    /// How long a new order is missing from lists. Documented: up to 15 minutes.
    #[serde(with = "seconds")]
    pub list_lag: Duration,
    /// How long software can be cancelled in production. Undocumented.
    #[serde(with = "seconds")]
    pub software_cancellation_window: Duration,
    /// The error response of production to the cancellation of an order that isn't software.
    pub production_cancellation: ProductionCancellation,
    /// The status after a cancellation in a sandbox: the page's text says `cancelled`, its sample `completed`.
    pub sandbox_cancellation: SandboxCancellation,
    /// The error response to a stale `If-Match`.
    pub stale_etag: StaleEtag,
    /// Whether the response to a change of the billing cycle says `annual`, or `Annual` as in a sample of 2019.
    pub changed_billing_cycle: Capitals,
    /// How well-formed catalog items are handled that the emulator's catalog doesn't contain.
    pub unknown_items: UnknownItems,
    /// How the term of perpetual software is written.
    pub software_term: SoftwareTerm,
    /// Whether a reservation's subscription must exist and be registered (10007, 10011, 800021, 800030 otherwise).
    pub reservation_subscription: ReservationSubscription,

    // Carts.
    /// How long a cart lives from its creation. Documented: seven days; samples of 2018 and 2019: 15 minutes.
    #[serde(with = "seconds")]
    pub cart_life: Duration,
    /// The response to a request for an expired cart.
    pub expired_cart: ExpiredCart,
    /// The status of a replaced cart: the documentation prints 201 for this PUT.
    pub replaced_cart: SuccessStatus,
    /// The status of a checkout: documented 201; the REST reference lists 200 too.
    pub checkout: SuccessStatus,
    /// The response to a second checkout of the same cart.
    pub repeated_checkout: RepeatedCheckout,
    /// How a checkout is handled if a line of the cart has an error.
    pub checkout_with_line_errors: CheckoutWithLineErrors,
    /// Whether checkout keeps the friendly names of the cart's lines. Users report that it loses them.
    pub checkout_keeps_friendly_names: bool,

    /// Whether carts, checkouts and new orders have prices without a request for them, as in samples since 2023. Legacy orders
    /// have none, and neither have responses to callers who may not see prices.
    pub unrequested_prices: bool,

    // Subscriptions.
    /// How long a new-commerce or marketplace subscription can be cancelled, and new licences given back.
    #[serde(with = "seconds")]
    pub subscription_cancellation_window: Duration,
    /// The error response to a cancellation after its window. Documented for subscriptions: 900213.
    pub closed_cancellation: ClosedWindow,
    /// The error response to a lower quantity after its window. Documented: 800090 (sample), 900214 and 900257.
    pub closed_reduction: ClosedWindow,
    /// What happens to the members that a PATCH of a subscription leaves out.
    pub omitted_members: OmittedMembers,
    /// What an immediate change, such as one of the quantity, does to scheduled changes.
    pub immediate_change: ImmediateChange,
    /// How a change that is scheduled for the next term is handled if auto-renewal is off. Documented: it needs
    /// auto-renewal.
    pub schedule_without_renewal: ScheduleWithoutRenewal,
    /// The delay of a subscription's provisioning status. Documented: updated about every 15 minutes.
    #[serde(with = "seconds")]
    pub provisioning_status_lag: Duration,

    // Limits.
    /// The largest JSON or form body, in bytes.
    pub json_limit: usize,
    /// The largest upload of attachments, in bytes.
    pub upload_limit: usize,
    /// How many bytes the bodies of all requests in progress may take. Beyond that, requests are rejected with 503.
    pub body_memory_limit: usize,
    /// How many bytes of attachments are stored in total.
    pub attachment_store_limit: usize,
    /// The timeout for the head of a request, and for idle connections.
    #[serde(with = "seconds")]
    pub head_timeout: Duration,
    /// The timeout for the body of a request.
    #[serde(with = "seconds")]
    pub body_timeout: Duration,
    /// How many connections may be open at a time. Beyond that, those that have been idle longest are closed.
    pub connection_limit: usize,

    // The log.
    /// How many exchanges are kept.
    pub log_entries: usize,
    /// How many bytes of bodies are kept with them.
    pub log_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        const MINUTE: u64 = 60;
        const DAY: u64 = 24 * 60 * MINUTE;
        Self {
            bom: true,
            gzip: true,
            fault_code: CodeForm::Number,
            cart_error_code: CodeForm::Number,
            audience: "https://api.partnercenter.microsoft.com".to_owned(),
            token_lifetime: Duration::from_secs(3599),
            refresh_token_lifetime: Duration::from_secs(90 * DAY),
            single_use_refresh: false,
            mfa_required: true,
            device_code_polls: 1,
            app_only_provisioning_status: false,
            environment: Environment::Production,
            partner_kind: PartnerKind::Direct,
            pricing_access: true,
            request_ids: RequestIds::Honoured,
            request_id_retention: Duration::from_secs(DAY),
            request_id_capacity: 16_384,
            reused_request_id: ReusedRequestId::BadRequest,
            malformed_request_id: MalformedRequestId::Replaced,
            rate: 500,
            refused_requests_count: true,
            throttle_body: ThrottleBody::Gateway,
            retry_after: RetryAfterForm::Seconds,
            processing_time: Duration::ZERO,
            provisioning_time: Duration::from_secs(5),
            list_lag: Duration::ZERO,
            software_cancellation_window: Duration::from_secs(30 * DAY),
            production_cancellation: ProductionCancellation::OneCode,
            sandbox_cancellation: SandboxCancellation::Cancelled,
            stale_etag: StaleEtag::BadRequest,
            changed_billing_cycle: Capitals::None,
            unknown_items: UnknownItems::Sold,
            software_term: SoftwareTerm::Empty,
            reservation_subscription: ReservationSubscription::Any,
            cart_life: Duration::from_secs(7 * DAY),
            expired_cart: ExpiredCart::NotFound,
            replaced_cart: SuccessStatus::Created,
            checkout: SuccessStatus::Created,
            repeated_checkout: RepeatedCheckout::Repeated,
            checkout_with_line_errors: CheckoutWithLineErrors::Refused,
            checkout_keeps_friendly_names: true,
            unrequested_prices: true,
            subscription_cancellation_window: Duration::from_secs(7 * DAY),
            closed_cancellation: ClosedWindow::Hours,
            closed_reduction: ClosedWindow::General,
            omitted_members: OmittedMembers::Reset,
            immediate_change: ImmediateChange::DeletesSchedules,
            schedule_without_renewal: ScheduleWithoutRenewal::Refused,
            provisioning_status_lag: Duration::ZERO,
            json_limit: 1 << 20,
            upload_limit: 32 << 20,
            body_memory_limit: 128 << 20,
            attachment_store_limit: 256 << 20,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(60),
            connection_limit: 4096,
            log_entries: 10_000,
            log_bytes: 64 << 20,
        }
    }
}

/// Serializes durations as seconds, with a fraction if there is one.
pub(crate) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        if duration.subsec_nanos() == 0 {
            serializer.serialize_u64(duration.as_secs())
        } else {
            serializer.serialize_f64(duration.as_secs_f64())
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_round_trip_through_json() {
        let settings = Settings { list_lag: Duration::from_millis(1500), ..Settings::default() };
        let json = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&json).unwrap(), settings);
    }

    #[test]
    fn a_partner_is_direct_by_default() {
        assert_eq!(serde_json::to_value(Settings::default()).unwrap()["partnerKind"], "direct");
    }

    #[test]
    fn absent_settings_have_defaults() {
        let settings: Settings = serde_json::from_str(r#"{"bom":false,"listLag":900}"#).unwrap();
        assert_eq!((settings.bom, settings.list_lag, settings.rate), (false, Duration::from_secs(900), 500));
    }

    #[test]
    fn unknown_settings_are_rejected() {
        assert!(serde_json::from_str::<Settings>(r#"{"bomb":true}"#).is_err());
    }
}
