//! The work of a client's tasks: they buy, change, cancel, upload files, and read everything.

use std::sync::Arc;
use std::time::Duration;

use partner_center_orders::enums::BillingCycle;
use partner_center_orders::types::{
    AttachmentMetadata, Cart, CartLineItem, Link, NewCart, NewOrder, NewOrderLineItem, Order, OrderPatch,
    ScheduledNextTermInstructions, Subscription,
};
use partner_center_orders::{AddOn, AttachmentFile, Checkout, IncompleteCheckout, Upload};
use serde_json::Value;

use super::ledger::{CheckoutClaim, Effect, KeptCart, PLAIN, Reported, SharedCart, mark, user};
use super::offers::{ADD_ON, LICENCES, NEW_COMMERCE, OUT_OF_STOCK, SOFTWARE, UNOBTAINABLE};
use super::plan::Layer;
use super::process::{Check, Process, done};

/// The order in the documentation, which every emulator has: legacy licences.
const LICENCE_ORDER: &str = "eeba9d00-7b46-443a-917e-22887a8fc993";

impl Process {
    /// Takes this many steps, each drawn at random.
    pub(super) async fn work(self: Arc<Self>, steps: usize) {
        for _ in 0..steps {
            match self.draw(|random| random.u8(..14)) {
                0 | 1 => self.buy_by_cart(NEW_COMMERCE).await,
                2 | 12 => self.buy_several_by_cart().await,
                3 => self.buy_by_cart(SOFTWARE).await,
                4 | 5 | 13 => self.buy_directly().await,
                6 => self.change_a_cart().await,
                7 => self.change_the_licence_order().await,
                8 => self.hand_in_files().await,
                9 => self.follow_links().await,
                _ => self.read_everything(LICENCE_ORDER).await,
            }
            self.pause().await;
        }
    }

    async fn pause(&self) {
        let pause = self.draw(|random| random.u64(..120));
        tokio::time::sleep(Duration::from_secs(pause)).await;
    }

    fn order(&self, quantity: i32) -> Effect {
        Effect::Order { customer: self.customer.id(), quantity }
    }

    /// The purchase: one with a mark of its own, or one like others.
    fn purchase(&self) -> Purchase {
        let mark = self.mark();
        let unmarked = self.world.plan.unmarked;
        Purchase { mark, is_plain: self.draw(|random| random.f64() < unmarked) }
    }

    fn effect_of(&self, purchase: Purchase) -> Effect {
        if purchase.is_plain {
            Effect::PlainOrder { customer: self.customer.id(), user: user(purchase.mark) }
        } else {
            self.order(purchase.mark)
        }
    }

    async fn buy_by_cart(self: &Arc<Self>, item: &'static str) {
        let purchase = self.purchase();
        let Some(new) = rich_cart(&[(item, purchase)]) else { return };
        let cart = self
            .write("create cart", Vec::new(), move |process| process.customer.carts().create(new.clone()), done())
            .await;
        let Some(cart) = cart else { return };
        let lines = in_groups(&cart, vec![self.effect_of(purchase)]);
        let Some(Checkout::Complete(result)) = self.check_out(&cart.id, purchase.mark, lines).await else { return };
        let Some(order) = result.orders_or_empty().first() else { return };
        self.read_everything(&order.id).await;
        if let Some(subscription) = self.subscription_of(&order.id).await {
            self.change_subscription(&subscription, item).await;
        }
        if item == SOFTWARE {
            self.cancel(&order.id).await;
        }
    }

    /// Buys several items with one cart, of which some can fail; those are checked out again.
    async fn buy_several_by_cart(self: &Arc<Self>) {
        let count = self.draw(|random| random.usize(2..5));
        let bought: Vec<_> = (0..count)
            .map(|_| {
                let items = [NEW_COMMERCE, NEW_COMMERCE, SOFTWARE, LICENCES, LICENCES, OUT_OF_STOCK, UNOBTAINABLE];
                (
                    items[self.draw(|random| random.usize(..items.len()))],
                    Purchase { mark: self.mark(), is_plain: false },
                )
            })
            .collect();
        let Some(new) = rich_cart(&bought) else { return };
        let create = move |process: &Process| process.customer.carts().create(new.clone());
        let Some(cart) = self.write("create cart", Vec::new(), create, done()).await else { return };
        let mut lines = in_groups(&cart, bought.iter().map(|(_, purchase)| self.order(purchase.mark)).collect());
        self.world.ledger().in_parts.extend(bought.iter().map(|(_, purchase)| purchase.mark));
        let mut mark = bought[0].1.mark;
        for _ in 0..3 {
            let Some(Checkout::Incomplete(checkout)) = self.check_out(&cart.id, mark, lines.clone()).await else {
                return;
            };
            // Bought lines stay bought; the rest is for the next checkout.
            lines.retain(|line| is_failed(&checkout, line));
            mark = self.mark();
            self.pause().await;
        }
    }

    /// Checks a cart out whose lines have these effects.
    async fn check_out(self: &Arc<Self>, cart: &str, mark: i32, lines: Vec<Line>) -> Option<Checkout> {
        let effects: Vec<_> = lines.iter().map(|line| line.effect.clone()).collect();
        if self.world.plan.options.without == Some(Layer::CartReRead) {
            self.check_out_bare(cart, mark, &effects).await;
            return None;
        }
        let cart = cart.to_owned();
        // A later read may be stale, and show what this one does.
        if self.draw(fastrand::Rng::bool) {
            drop(self.call("get cart", self.customer.carts().get(&cart)).await);
        }
        let check = self.check_of_checkout(cart.clone(), lines);
        let call = move |process: &Process| process.customer.carts().checkout(&cart).customer_user(user(mark));
        self.write("check out", effects, call, check).await
    }

    /// Records the result of each line from a checkout's response.
    fn check_of_checkout(&self, cart: String, lines: Vec<Line>) -> Check<Checkout> {
        let (customer, without) = (self.customer.id(), self.world.plan.options.without);
        Arc::new(move |ledger, effects, checkout| {
            let (orders, errors) = match checkout {
                Checkout::Complete(result) => (result.orders_or_empty(), result.order_errors_or_empty()),
                Checkout::Incomplete(checkout) => (checkout.orders(), checkout.errors()),
                Checkout::PlacedBefore(_) => return ledger.report_all(effects, Reported::Placed),
            };
            let orders: Vec<_> = orders.iter().map(|order| order.id.clone()).collect();
            ledger.claim(effects, &orders);
            let failed: Vec<_> = errors.iter().filter_map(|error| error.order_group_id.clone()).collect();
            // The other client may have removed a line: then the response doesn't mention it.
            let covers_all = errors.is_empty() || orders.len() + failed.len() == lines.len();
            ledger.checkouts.push(CheckoutClaim { customer, cart: cart.clone(), orders, failed });
            for line in &lines {
                let is_failed = without != Some(Layer::OrderErrors)
                    && matches!(checkout, Checkout::Incomplete(checkout) if is_failed(checkout, line));
                let is_covered = covers_all || !matches!(line.effect, Effect::SharedCart { .. });
                let reported = match (is_failed, is_covered) {
                    (true, _) => Reported::Failed,
                    (false, true) => Reported::Placed,
                    (false, false) => UNKNOWN,
                };
                ledger.report(line.effect.clone(), reported);
            }
        })
    }

    /// The same by the bare generated client, which takes an error response as the result.
    async fn check_out_bare(&self, cart: &str, mark: i32, effects: &[Effect]) {
        let api = self.partner.api();
        let call = api.checkout_cart(self.customer.id(), cart);
        let response = call.x_ms_customeruser_upn(user(mark)).send().await;
        let reported = match response {
            Ok(response) if !response.order_errors_or_empty().is_empty() => return,
            Ok(_) => Reported::Placed,
            Err(partner_center_orders::api::runtime::Error::ErrorResponse(error)) => {
                self.note(&format!("bare checkout of {mark}: {}", error.status()));
                if error.status().is_client_error() { Reported::Failed } else { UNKNOWN }
            }
            Err(_) => UNKNOWN,
        };
        self.world.ledger().report_all(effects, reported);
    }

    /// Creates a cart and uses it at the same time as a task of another client.
    pub(super) async fn share_carts(self: Arc<Self>, other: Arc<Self>, carts: usize) {
        for _ in 0..carts {
            let mut items = vec![NEW_COMMERCE, LICENCES];
            items.truncate(self.draw(|random| random.usize(1..3)));
            let bought = items.into_iter().map(|item| (item, Purchase { mark: self.mark(), is_plain: false }));
            let Some(new) = rich_cart(&bought.collect::<Vec<_>>()) else { return };
            let create = move |process: &Process| process.customer.carts().create(new.clone());
            if let Some(cart) = self.write("create cart", Vec::new(), create, done()).await {
                let shared = SharedCart { customer: self.customer.id(), cart: cart.id.clone() };
                self.world.ledger().shared_carts.push(shared);
                tokio::join!(self.use_shared(&cart), other.use_shared(&cart));
            }
            self.pause().await;
        }
    }

    /// Changes a cart and checks it out, some times each, as if no other client used it.
    async fn use_shared(self: &Arc<Self>, cart: &Cart) {
        for _ in 0..self.draw(|random| random.usize(1..4)) {
            let pause = self.draw(|random| [0.0, 0.0, 0.05, 3.0, 30.0][random.usize(..5)]);
            tokio::time::sleep(Duration::from_secs_f64(pause)).await;
            if self.draw(|random| random.u8(..3)) == 0 {
                let (quantity, takes_out) = (self.mark(), self.draw(fastrand::Rng::bool));
                let change = move |cart: &mut NewCart| {
                    if let Some(line) = cart.line_items.first_mut() {
                        line.quantity = quantity;
                        line.friendly_name = Some(mark(quantity));
                    }
                    cart.line_items.truncate(if takes_out { 1 } else { usize::MAX });
                };
                drop(self.call("change cart", self.customer.carts().change(&cart.id, change)).await);
            } else {
                let mark = self.mark();
                let effect = |line: &CartLineItem| {
                    let (cart, group) = (cart.id.clone(), line.order_group.clone().unwrap_or_default());
                    Effect::SharedCart { customer: self.customer.id(), cart, group, user: user(mark) }
                };
                let effects = cart.line_items.iter().map(effect).collect();
                self.check_out(&cart.id, mark, in_groups(cart, effects)).await;
            }
        }
    }

    async fn buy_directly(self: &Arc<Self>) {
        let purchase = self.purchase();
        let new = new_order(purchase);
        let effects = vec![self.effect_of(purchase)];
        let call = move |process: &Process| {
            let call = process.customer.orders().create(new.clone()).customer_user(user(purchase.mark));
            if purchase.is_plain { call } else { call.unique_name(mark(purchase.mark)) }
        };
        let check: Check<Order> = Arc::new(|ledger, effects, order| {
            ledger.report_all(effects, Reported::Placed);
            ledger.claim(effects, std::slice::from_ref(&order.id));
        });
        let order = self.write("create order", effects, call, check).await;
        if let Some(order) = order {
            self.read_everything(&order.id).await;
            self.add_on(&order).await;
            // Another purchase like it may take place while the earlier one is still open.
            self.add_on(&order).await;
        }
    }

    async fn add_on(self: &Arc<Self>, order: &Order) {
        let Some(parent) = order.line_items.iter().find_map(|line| line.subscription_id.clone()) else { return };
        let purchase = self.purchase();
        let (customer, id) = (self.customer.id(), order.id.clone());
        let effect = if purchase.is_plain {
            Effect::PlainAddOn { customer, order: id.clone(), number: purchase.mark }
        } else {
            Effect::AddOn { customer, quantity: purchase.mark }
        };
        let call = move |process: &Process| {
            let add_on = AddOn::new(ADD_ON, parent.clone(), purchase.quantity());
            if purchase.is_plain {
                return process.customer.orders().add_on(&id, [add_on]);
            }
            let name = mark(purchase.mark);
            process.customer.orders().add_on(&id, [add_on.friendly_name(&name)]).unique_name(name)
        };
        self.write("add on", vec![effect], call, done()).await;
    }

    async fn change_a_cart(self: &Arc<Self>) {
        let (first, second) = (self.mark(), self.mark());
        let purchase = Purchase { mark: first, is_plain: false };
        let Some(new) = rich_cart(&[(NEW_COMMERCE, purchase)]) else { return };
        let cart = self
            .write("create cart", Vec::new(), move |process| process.customer.carts().create(new.clone()), done())
            .await;
        let Some(cart) = cart else { return };
        let Ok(mut lines) = serde_json::to_value(&cart.line_items) else { return };
        if let Some(line) = lines.pointer_mut("/0").and_then(Value::as_object_mut) {
            line.remove("quantity");
            line.remove("friendlyName");
        }
        let change = move |cart: &mut NewCart| {
            if let Some(line) = cart.line_items.first_mut() {
                line.quantity = second;
                line.friendly_name = Some(mark(second));
            }
        };
        if self.call("change cart", self.customer.carts().change(&cart.id, change)).await.is_ok() {
            let kept = KeptCart { customer: self.customer.id(), cart: cart.id.clone(), lines };
            self.world.ledger().carts.push(kept);
            if !self.world.plan.jumps.is_empty() {
                // By clocks that jump, the change may seem to come after the checkout.
                self.world.ledger().in_parts.insert(second);
            }
            // By dates in whole seconds, it would.
            tokio::time::sleep(Duration::from_secs(2)).await;
            self.check_out(&cart.id, second, in_groups(&cart, vec![self.order(second)])).await;
        }
    }

    async fn change_the_licence_order(self: &Arc<Self>) {
        let orders = self.customer.orders();
        let Ok(order) = self.call("get order", orders.get(LICENCE_ORDER)).await else { return };
        // Sent back as it was read: nothing may change.
        let patch = OrderPatch::from(order);
        let call = move |process: &Process| process.customer.orders().update(LICENCE_ORDER, patch.clone());
        self.write("send order back", Vec::new(), call, done()).await;
        let cycle = if self.draw(fastrand::Rng::bool) { BillingCycle::Annual } else { BillingCycle::Monthly };
        let call =
            move |process: &Process| process.customer.orders().change_billing_cycle(LICENCE_ORDER, cycle.clone());
        self.write("change billing cycle", Vec::new(), call, done()).await;
    }

    async fn hand_in_files(self: &Arc<Self>) {
        let name = format!("order-{}.txt", self.mark());
        let effect = Effect::File { customer: self.customer.id(), order: LICENCE_ORDER.to_owned(), name: name.clone() };
        let call = move |process: &Process| {
            let file = AttachmentFile::from_bytes(name.clone(), name.clone()).media_type("text/plain");
            let upload = Upload::new(AttachmentMetadata::new("10.50", "USD")).purchase_order(file);
            process.customer.orders().attachments(LICENCE_ORDER).upload(upload).unique_file_names()
        };
        self.write("upload", vec![effect], call, done()).await;
        let attachments = self.customer.orders().attachments(LICENCE_ORDER);
        let Ok(listed) = self.call("list attachments", attachments.list()).await else { return };
        let Some(id) = listed.first().and_then(|attachment| attachment.attachment_id.clone()) else { return };
        if let Ok(download) = self.call("download", attachments.download(id)).await {
            drop(download.bytes().await);
        }
    }

    /// Follows links: those of the service lead to the service, others get no token.
    async fn follow_links(&self) {
        let orders = self.customer.orders();
        let Ok(order) = self.call("get order", orders.get(LICENCE_ORDER)).await else { return };
        let link = order.line_items.iter().find_map(|line| line.links.as_ref()?.subscription.clone());
        if let Some(link) = link {
            drop(self.call("follow", self.customer.follow::<Subscription>(&link)).await);
        }
        for address in
            ["https://elsewhere.example/v1/subscriptions/1", "//elsewhere.example/v1/x", "/../../oauth2/token"]
        {
            let link = Link::new(address, "GET");
            drop(self.call("follow a foreign link", self.customer.follow::<Subscription>(&link)).await);
        }
    }

    async fn read_everything(&self, order: &str) {
        let orders = self.customer.orders();
        match self.draw(|random| random.u8(..6)) {
            0 => drop(self.call("get order", orders.get(order).include_price()).await),
            1 => drop(self.call("list orders", orders.list()).await),
            2 => {
                let mut stream = orders.list().stream();
                while let Some(Ok(_)) = stream.next().await {}
            }
            3 => drop(self.call("wait", orders.wait_until_provisioned(order)).await),
            4 => {
                drop(self.call("provisioning status", orders.provisioning_status(order)).await);
                drop(self.call("activation links", orders.activation_links(order)).await);
                drop(self.call("line's activation links", orders.line_activation_links(order, 0)).await);
            }
            _ => {
                if let Some(subscription) = self.subscription_of(order).await {
                    let subscriptions = self.customer.subscriptions();
                    drop(self.call("get subscription", subscriptions.get(&subscription)).await);
                    drop(self.call("provisioning", subscriptions.provisioning_status(&subscription)).await);
                    drop(self.call("subscription's links", subscriptions.activation_links(&subscription)).await);
                    drop(self.call("activate", subscriptions.activate_in_sandbox(&subscription)).await);
                }
            }
        }
    }

    async fn subscription_of(&self, order: &str) -> Option<String> {
        let subscriptions = self.call("list subscriptions", self.customer.orders().subscriptions(order)).await.ok()?;
        subscriptions.first().map(|subscription| subscription.id.clone())
    }

    /// Changes the seats of a subscription; if it is one of new commerce, perhaps what is scheduled for it, or its status.
    async fn change_subscription(self: &Arc<Self>, subscription: &str, item: &str) {
        let kind = if item == NEW_COMMERCE { self.draw(|random| random.u8(..3)) } else { 0 };
        let quantity = self.mark();
        let (customer, subscription) = (self.customer.id(), subscription.to_owned());
        let id = subscription.clone();
        match kind {
            0 => {
                let effect = Effect::Seats { customer, subscription, quantity };
                let call = move |process: &Process| process.customer.subscriptions().set_quantity(&id, quantity);
                self.write("change seats", vec![effect], call, done()).await;
            }
            1 => {
                let effect = Effect::Scheduled { customer, subscription, quantity };
                let next_term = ScheduledNextTermInstructions::new().quantity(quantity);
                let call =
                    move |process: &Process| process.customer.subscriptions().schedule_change(&id, next_term.clone());
                self.write("schedule", vec![effect], call, done()).await;
            }
            _ => {
                let effect = Effect::Suspended { customer, subscription };
                let call = move |process: &Process| process.customer.subscriptions().suspend(&id);
                self.write("suspend", vec![effect], call, done()).await;
            }
        }
    }

    async fn cancel(self: &Arc<Self>, order: &str) {
        let (customer, order) = (self.customer.id(), order.to_owned());
        let effect = Effect::Cancelled { customer, order: order.clone() };
        let call = move |process: &Process| process.customer.orders().cancel(&order);
        self.write("cancel", vec![effect], call, done()).await;
    }
}

const UNKNOWN: Reported = Reported::Unknown { undisturbed: false };

/// A purchase, and whether it has its mark.
#[derive(Clone, Copy, Debug)]
struct Purchase {
    mark: i32,
    is_plain: bool,
}

impl Purchase {
    fn quantity(self) -> i32 {
        if self.is_plain { PLAIN } else { self.mark }
    }
}

/// A line of a cart: its effect, and its order group.
#[derive(Clone, Debug)]
struct Line {
    effect: Effect,
    group: Option<String>,
}

/// The effects of a cart's lines with their order groups.
fn in_groups(cart: &Cart, effects: Vec<Effect>) -> Vec<Line> {
    let groups = cart.line_items.iter().map(|line| line.order_group.clone());
    effects.into_iter().zip(groups).map(|(effect, group)| Line { effect, group }).collect()
}

fn is_failed(checkout: &IncompleteCheckout, line: &Line) -> bool {
    checkout.errors().iter().any(|error| error.order_group_id == line.group)
}

/// A cart with members that only reading before writing can keep.
fn rich_cart(bought: &[(&str, Purchase)]) -> Option<NewCart> {
    let line = |(id, (item, purchase)): (usize, &(&str, Purchase))| {
        let mut line = serde_json::json!({
            "id": id,
            "catalogItemId": item,
            "quantity": purchase.quantity(),
            "billingCycle": "monthly",
            "termDuration": "P1M",
            "provisioningContext": { "domain": "kept.example" },
        });
        if !purchase.is_plain {
            line["friendlyName"] = mark(purchase.mark).into();
        }
        line
    };
    let lines: Vec<_> = bought.iter().enumerate().map(line).collect();
    serde_json::from_value(serde_json::json!({ "lineItems": lines })).ok()
}

fn new_order(purchase: Purchase) -> NewOrder {
    let mut line = NewOrderLineItem::new(0, LICENCES, purchase.quantity());
    if !purchase.is_plain {
        line = line.friendly_name(mark(purchase.mark));
    }
    NewOrder::new([line]).billing_cycle(BillingCycle::Monthly)
}
