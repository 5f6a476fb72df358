//! Whole paths against the emulator, which knows by itself what the fake services of the other tests are scripted to do.

use std::num::NonZeroU32;
use std::time::{Duration, SystemTime};

use http_body_util::BodyExt;
use partner_center_emulator::{
    Clock as EmulatorClock, Emulator, EmulatorBuilder, EmulatorService, Environment, RepeatedCheckout, RequestIds,
    ResponseBody, SubscriptionChanges,
};
use partner_center_orders::enums::{BillingCycle, CartStatus, OrderStatus, SubscriptionStatus};
use partner_center_orders::identity::TokenEndpoint;
use partner_center_orders::types::{NewCartLineItem, ScheduledNextTermInstructions, Subscription};
use partner_center_orders::{
    AddOn, BoxFuture, Checkout, ClientSecret, Clock, Credential, ErrorCode, Orders, PartnerCenter, RateLimit,
    RefreshToken, SendRequest, Success, TermOutcome, TransportError, TransportErrorKind, Uuid,
};

/// Sends requests to an emulator in the same process, without a socket. `partner-center-testing` has the same for users, and
/// depends on this crate.
#[derive(Clone, Debug)]
pub struct Emulated(pub EmulatorService);

impl SendRequest for Emulated {
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        Box::pin(async move {
            let request = http::Request::<reqwest::Body>::try_from(request)?;
            let response = self.0.handle(request).await;
            let response =
                response.map_err(|fault| TransportError::with_source(TransportErrorKind::Interrupted, fault))?;
            let body = |body: ResponseBody| reqwest::Body::wrap_stream(body.into_data_stream());
            Ok(response.map(body).into())
        })
    }
}

/// The emulator's clock as the client's.
#[derive(Debug)]
struct Shared(EmulatorClock);

impl Clock for Shared {
    fn now(&self) -> SystemTime {
        self.0.now().into()
    }
}

/// An emulator whose clock runs with tokio's.
pub fn emulator(change: impl FnOnce(EmulatorBuilder) -> EmulatorBuilder) -> Emulator {
    let clock = EmulatorClock::runtime("2026-03-01T08:00:00Z".parse().unwrap());
    change(Emulator::builder().clock(clock)).in_memory().unwrap()
}

pub fn signed_in(emulator: &Emulator, credential: impl Credential + 'static) -> PartnerCenter {
    PartnerCenter::builder()
        .base_url("http://localhost/v1")
        .authority("http://localhost")
        .send_with(Emulated(emulator.service()))
        .clock(Shared(emulator.clock().clone()))
        .credential(credential)
        .build()
        .unwrap()
}

pub fn app(emulator: &Emulator) -> ClientSecret {
    ClientSecret::new(emulator.tenant().to_string(), emulator.client_id().to_string(), emulator.client_secret())
}

fn user(emulator: &Emulator) -> RefreshToken {
    RefreshToken::new(emulator.tenant().to_string(), emulator.client_id().to_string(), emulator.refresh_token())
        .client_secret(emulator.client_secret())
}

fn first_customer(emulator: &Emulator, partner: &PartnerCenter) -> Orders {
    partner.customer(emulator.customers()[0]).orders()
}

const RESERVATION: &str = "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1";
const LICENCE: &str = "eeba9d00-7b46-443a-917e-22887a8fc993";
const SOFTWARE: &str = "DG7GMGF0DWT0:0001:DG7GMGF0DSQR";
const NEW_COMMERCE: &str = "CFQ7TTC0LDPB:0001:CFQ7TTC0QNPW";

#[tokio::test(start_paused = true)]
async fn the_documented_orders_are_read_by_app_and_user_at_both_endpoints() {
    let emulator = emulator(|builder| builder);
    for partner in [
        signed_in(&emulator, app(&emulator)),
        signed_in(&emulator, app(&emulator).endpoint(TokenEndpoint::V1)),
        signed_in(&emulator, user(&emulator)),
        signed_in(&emulator, user(&emulator).endpoint(TokenEndpoint::V1)),
    ] {
        let orders = first_customer(&emulator, &partner);

        let order = orders.get(RESERVATION).include_price().await.unwrap();
        assert_eq!(order.status, Some(OrderStatus::Completed));
        assert_eq!(order.service_request_id(), Some(order.request_id().to_string().as_str()));

        let listed = orders.list().await.unwrap();
        let mut streamed = orders.list().stream();
        for order in listed.iter() {
            assert_eq!(streamed.next().await.unwrap().unwrap(), *order);
        }
        assert!(streamed.next().await.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_order_is_rejected_as_documented() {
    let emulator = emulator(|builder| builder);
    let partner = signed_in(&emulator, app(&emulator));

    let error = first_customer(&emulator, &partner).get("unknown").await.unwrap_err();

    assert!(error.is_not_found());
    assert_eq!(error.code(), Some(ErrorCode::OrderNotFound));
}

#[tokio::test(start_paused = true)]
async fn a_customer_who_is_not_the_partners_is_skipped() {
    let emulator = emulator(|builder| builder);
    let partner = signed_in(&emulator, app(&emulator));
    let mut customers = emulator.customers();
    customers.push(Uuid::from_u128(7));

    let results = partner.for_customers(customers).call(|customer| customer.orders().list()).await;

    assert_eq!(results.iter().filter(|result| result.is_skipped()).count(), 1);
    assert!(results.last().unwrap().is_skipped());
}

#[tokio::test(start_paused = true)]
async fn billing_cycles_are_filtered_by() {
    let emulator = emulator(|builder| builder);
    let partner = signed_in(&emulator, app(&emulator));
    let orders = first_customer(&emulator, &partner);

    for cycle in [BillingCycle::OneTime, BillingCycle::Monthly] {
        let found = orders.list().billing_cycle(cycle.clone()).await.unwrap();
        assert!(!found.is_empty());
        assert!(found.iter().all(|order| order.billing_cycle == Some(cycle.clone())));
    }
}

fn line(item: &str, quantity: i32) -> NewCartLineItem {
    NewCartLineItem::new(item, quantity)
        .term_duration("P1M")
        .billing_cycle(BillingCycle::Monthly)
        .friendly_name("Seats")
}

#[tokio::test(start_paused = true)]
async fn a_cart_becomes_an_order_that_is_provisioned_and_cancelled_by_its_subscription() {
    let emulator = emulator(|builder| builder);
    let partner = signed_in(&emulator, user(&emulator));
    let customer = partner.customer(emulator.customers()[0]);

    let cart = customer.carts().create_from([line(NEW_COMMERCE, 3)]).await.unwrap();
    let cart = customer.carts().add_lines(&cart.id, [line(NEW_COMMERCE, 2)]).await.unwrap();
    let cart = customer.carts().change(&cart.id, |cart| cart.line_items[0].quantity = 5).await.unwrap();
    assert_eq!(cart.line_items.iter().map(|line| line.quantity).collect::<Vec<_>>(), [5, 2]);

    let Checkout::Complete(result) = customer.carts().checkout(&cart.id).await.unwrap().into_inner() else {
        panic!("the checkout failed")
    };
    assert_eq!(customer.carts().get(&cart.id).await.unwrap().status, Some(CartStatus::Ordered));
    let order = &result.orders_or_empty()[0];

    let provisioning = customer.orders().wait_until_provisioned(&order.id).await.unwrap();
    assert!(provisioning.is_complete());
    let order = customer.orders().get(&order.id).await.unwrap();
    assert_eq!(order.status, Some(OrderStatus::Completed));

    let subscriptions = customer.orders().subscriptions(&order.id).await.unwrap();
    assert_eq!(subscriptions.len(), order.line_items.len());
    let link = order.line_items[0].links.as_ref().unwrap().subscription.as_ref().unwrap();
    let followed = customer.follow::<Subscription>(link).await.unwrap();
    assert!(subscriptions.iter().any(|subscription| subscription.id == followed.id));

    let cancelled = customer.subscriptions().cancel(&followed.id).await.unwrap();
    assert_eq!(cancelled.into_inner().done().unwrap().status, SubscriptionStatus::Deleted);
}

#[tokio::test(start_paused = true)]
async fn an_accepted_change_of_a_subscription_is_waited_for() {
    for setting in [SubscriptionChanges::Accepted, SubscriptionChanges::AcceptedWithBody] {
        let emulator = emulator(|builder| builder.configure(|settings| settings.subscription_changes = setting));
        let partner = signed_in(&emulator, user(&emulator));
        let customer = partner.customer(emulator.customers()[0]);
        let cart = customer.carts().create_from([line(NEW_COMMERCE, 3)]).await.unwrap();
        let Checkout::Complete(result) = customer.carts().checkout(&cart.id).await.unwrap().into_inner() else {
            panic!("the checkout failed")
        };
        let order = &result.orders_or_empty()[0].id;
        assert!(customer.orders().wait_until_provisioned(order).await.unwrap().is_complete());
        let subscription = customer.orders().subscriptions(order).await.unwrap()[0].id.clone();
        let subscriptions = customer.subscriptions();

        let changed = subscriptions.change(&subscription, |patch| patch.quantity = Some(5)).await.unwrap();

        let Success::Accepted(accepted) = changed.into_inner() else { panic!("not accepted") };
        assert_eq!(accepted.subscription().is_some(), setting == SubscriptionChanges::AcceptedWithBody);
        assert_eq!(subscriptions.get(&subscription).await.unwrap().quantity, 3);
        let changed = subscriptions.wait_until_changed(&accepted).await.unwrap();
        assert_eq!(changed.into_inner().done().unwrap().quantity, 5);
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_commerce_subscription_is_changed_without_losing_what_is_scheduled() {
    let emulator = emulator(|builder| builder);
    let partner = signed_in(&emulator, user(&emulator));
    let customer = partner.customer(emulator.customers()[0]);
    let cart = customer.carts().create_from([line(NEW_COMMERCE, 20)]).await.unwrap();
    let Checkout::Complete(result) = customer.carts().checkout(&cart.id).await.unwrap().into_inner() else {
        panic!("the checkout failed")
    };
    let order = &result.orders_or_empty()[0].id;
    assert!(customer.orders().wait_until_provisioned(order).await.unwrap().is_complete());
    let found = customer.orders().subscriptions(order).await.unwrap();
    let (subscriptions, id) = (customer.subscriptions(), found[0].id.as_str());

    let next_term = ScheduledNextTermInstructions::new().quantity(12);
    subscriptions.schedule_change(id, next_term.clone()).await.unwrap();
    assert_eq!(subscriptions.end_of_term(id).get().await.unwrap().outcome, TermOutcome::Renews);
    assert!(subscriptions.set_quantity(id, 22).await.unwrap_err().is_scheduled_changes());
    let grown =
        subscriptions.set_quantity(id, 22).reapply_scheduled_changes().await.unwrap().into_inner().done().unwrap();
    assert_eq!((grown.quantity, grown.scheduled_next_term_instructions.as_ref()), (22, Some(&next_term)));
    let shrunk =
        subscriptions.set_quantity(id, 21).delete_scheduled_changes().await.unwrap().into_inner().done().unwrap();
    assert_eq!((shrunk.quantity, shrunk.scheduled_next_term_instructions.as_ref()), (21, None));

    let suspended = subscriptions.suspend(id).await.unwrap().into_inner().done().unwrap();
    assert_eq!(suspended.status, SubscriptionStatus::Suspended);
    assert_eq!(
        subscriptions.reactivate(id).await.unwrap().into_inner().done().unwrap().status,
        SubscriptionStatus::Active
    );

    // By then, no window is open.
    emulator.clock().advance(Duration::from_secs(30 * 24 * 60 * 60));
    assert!(subscriptions.set_quantity(id, 20).await.unwrap_err().is_not_refundable());
    let extended = subscriptions.end_of_term(id).extend().await.unwrap().into_inner().done().unwrap();
    assert_eq!(extended.auto_renew_enabled, Some(false));
    let renewed = subscriptions.end_of_term(id).renew().await.unwrap().into_inner().done().unwrap();
    assert_eq!(renewed.auto_renew_enabled, Some(true));
}

#[tokio::test(start_paused = true)]
async fn a_repeated_checkout_that_is_rejected_is_read_as_placed() {
    let emulator = emulator(|builder| {
        builder.configure(|settings| {
            settings.request_ids = RequestIds::Ignored;
            settings.repeated_checkout = RepeatedCheckout::Refused;
        })
    });
    let partner = signed_in(&emulator, app(&emulator));
    let carts = partner.customer(emulator.customers()[0]).carts();
    let cart = carts.create_from([line(NEW_COMMERCE, 1)]).await.unwrap();
    let lossy = Lossy::new(&emulator, 1, 1);
    let lossy = PartnerCenter::builder()
        .base_url("http://localhost/v1")
        .authority("http://localhost")
        .send_with(lossy)
        .credential(app(&emulator))
        .build()
        .unwrap();

    let checkout = lossy.customer(emulator.customers()[0]).carts().checkout(&cart.id).await.unwrap();

    assert!(matches!(checkout.into_inner(), Checkout::PlacedBefore(_)));
}

/// Loses responses of API calls: `count` of them, from the one numbered `first`.
#[derive(Debug)]
struct Lossy {
    emulated: Emulated,
    calls: std::sync::atomic::AtomicU32,
    lost: std::ops::Range<u32>,
}

impl Lossy {
    fn new(emulator: &Emulator, first: u32, count: u32) -> Self {
        Self { emulated: Emulated(emulator.service()), calls: 1.into(), lost: first..first + count }
    }
}

impl SendRequest for Lossy {
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, Result<reqwest::Response, TransportError>> {
        Box::pin(async move {
            let is_api = request.url().path().starts_with("/v1/");
            let response = self.emulated.send(request).await?;
            let number = if is_api { self.calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst) } else { 0 };
            if self.lost.contains(&number) {
                return Err(TransportError::new(TransportErrorKind::Interrupted));
            }
            Ok(response)
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_sandbox_cancels_an_order_and_production_points_to_the_subscription() {
    let sandbox = emulator(|builder| builder.configure(|settings| settings.environment = Environment::Sandbox));
    let partner = signed_in(&sandbox, app(&sandbox));
    let customer = partner.customer(sandbox.customers()[0]);
    let cart = customer.carts().create_from([line(SOFTWARE, 1)]).await.unwrap();
    let Checkout::Complete(result) = customer.carts().checkout(&cart.id).await.unwrap().into_inner() else {
        panic!("the checkout failed")
    };
    let cancelled = customer.orders().cancel(&result.orders_or_empty()[0].id).await.unwrap();
    assert_eq!(cancelled.status, Some(OrderStatus::Cancelled));

    let production = emulator(|builder| builder);
    let partner = signed_in(&production, app(&production));
    let error = first_customer(&production, &partner).cancel(RESERVATION).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::CancelOnlySoftwareInProduction));
}

#[tokio::test(start_paused = true)]
async fn an_add_on_and_another_billing_cycle_reach_a_legacy_order() {
    let emulator = emulator(|builder| builder);
    let partner = signed_in(&emulator, app(&emulator));
    let orders = first_customer(&emulator, &partner);
    let order = orders.get(LICENCE).await.unwrap();
    let parent = order.line_items[0].subscription_id.clone().unwrap();

    let add_on = AddOn::new("D1F63B7A-58E2-4C09-B3A1-7094E6C2158D", parent, 1);
    let changed = orders.add_on(LICENCE, [add_on]).await.unwrap();
    assert_eq!(changed.line_items.len(), order.line_items.len() + 1);

    let changed = orders.change_billing_cycle(LICENCE, BillingCycle::Annual).await.unwrap();
    assert_eq!(changed.billing_cycle, Some(BillingCycle::Annual));
    assert_eq!(changed.line_items.len(), order.line_items.len() + 1);
}

#[tokio::test(start_paused = true)]
async fn a_user_without_mfa_is_an_error_of_its_own() {
    let emulator = emulator(|builder| builder);
    let partner = signed_in(&emulator, user(&emulator));
    partner.sign_in().await.unwrap();
    emulator.configure(|settings| settings.audience = "https://another.example".to_owned());

    let error = first_customer(&emulator, &partner).get(RESERVATION).await.unwrap_err();

    assert!(error.is_authentication());
}

fn over_a_socket(emulator: &Emulator) -> PartnerCenter {
    PartnerCenter::builder()
        .base_url(format!("{}/v1", emulator.base_url()))
        .authority(emulator.authority())
        .rate_limit(RateLimit::default().per_minute(NonZeroU32::MAX))
        // Real time, which no test here is about.
        .attempt_timeout(Duration::from_secs(3600))
        .deadline(None)
        .configure_http(reqwest::ClientBuilder::no_proxy)
        .credential(app(emulator))
        .build()
        .unwrap()
}

#[tokio::test]
async fn orders_are_read_over_a_socket() {
    let emulator = Emulator::builder().start().await.unwrap();

    let orders = first_customer(&emulator, &over_a_socket(&emulator)).list().await.unwrap();

    assert!(orders.iter().any(|order| order.id == RESERVATION));
}

#[tokio::test]
async fn the_user_agent_names_the_contract() {
    let emulator = Emulator::builder().start().await.unwrap();

    first_customer(&emulator, &over_a_socket(&emulator)).list().await.unwrap();

    let version = env!("CARGO_PKG_VERSION");
    let expected = format!("partner-center-orders/{version} contract/{}", partner_center_orders::api::CONTRACT);
    for exchange in emulator.exchanges() {
        let agent = exchange.request_headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("user-agent"));
        assert_eq!(agent.map(|(_, value)| value.as_str()), Some(expected.as_str()), "{}", exchange.target);
    }
}
