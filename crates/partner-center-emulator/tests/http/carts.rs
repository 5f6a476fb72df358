//! Carts from creation to checkout.

use partner_center_emulator::{
    CheckoutWithLineErrors, CodeForm, ExpiredCart, Fault, FaultKind, RepeatedCheckout, SuccessStatus,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    AZURE, DOCUMENTED, LICENCE, MAIL, RESERVATION, SAAS, SOFTWARE, TestServer, carts, new_cart, orders, path_of, send,
};

const WEEK: u64 = 7 * 24 * 3600;
const OUT_OF_STOCK: &str = "DG7GMGF0STCK:0001:DG7GMGF0STC1";

async fn cart(server: &TestServer, items: &[&str]) -> (String, Value) {
    let cart = server.post(&carts(DOCUMENTED), new_cart(items)).await.expect(201);
    (format!("{}/{}", carts(DOCUMENTED), cart["id"].as_str().unwrap()), cart)
}

async fn check_out(server: &TestServer, path: &str) -> crate::support::TestResponse {
    send(server.request(Method::POST, &format!("{path}/checkout"))).await
}

fn ids(result: &Value) -> Vec<String> {
    result["orders"].as_array().unwrap().iter().map(|order| order["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_cart_lives_for_a_week_from_its_creation() {
    let server = TestServer::new().await;
    let (path, new) = cart(&server, &[MAIL]).await;
    assert_eq!(new["status"], "Active");
    let at = |member: &str| new[member].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert_eq!((at("expirationTimestamp") - at("creationTimestamp")).num_seconds(), i64::try_from(WEEK).unwrap());
    assert_eq!(new["links"]["self"]["uri"], json!(path));
    server.get(&path).await.expect(200);
    server.pass(WEEK);
    let token = server.emulator.user_token(true);
    let gone = send(server.client.get(server.url(&path)).bearer_auth(&token)).await;
    assert_eq!(gone.status_and_code(), (404, 800_008));
    server.configure(|settings| settings.expired_cart = ExpiredCart::Readable);
    send(server.client.get(server.url(&path)).bearer_auth(&token)).await.expect(200);
    let late = send(server.client.post(server.url(&format!("{path}/checkout"))).bearer_auth(&token)).await;
    assert_eq!(late.status_and_code(), (400, 800_065));
}

#[tokio::test]
async fn an_unknown_cart_is_800008() {
    let server = TestServer::new().await;
    for id in ["b4c8fdea-cbe4-4d17-9576-13fcacbf9605", "no-guid"] {
        let path = format!("{}/{id}", carts(DOCUMENTED));
        assert_eq!(server.get(&path).await.status_and_code(), (404, 800_008));
        assert_eq!(server.send(Method::PUT, &path, new_cart(&[MAIL])).await.status_and_code(), (404, 800_008));
        assert_eq!(check_out(&server, &path).await.status_and_code(), (404, 800_008));
    }
}

#[tokio::test]
async fn each_order_group_becomes_an_order() {
    let server = TestServer::new().await;
    let (path, cart) = cart(&server, &[MAIL, RESERVATION, SOFTWARE, AZURE, SAAS]).await;
    let mut groups: Vec<_> =
        cart["lineItems"].as_array().unwrap().iter().map(|line| line["orderGroup"].as_str().unwrap()).collect();
    groups.sort_unstable();
    groups.dedup();
    let result = check_out(&server, &path).await.expect(201);
    assert_eq!(ids(&result).len(), groups.len());
    assert!(result.get("orderErrors").is_none());
    assert_eq!(result["attributes"]["objectType"], "CartCheckoutResult");
    let azure = result["orders"].as_array().unwrap().iter().find(|order| order["lineItems"][0]["offerId"] == AZURE);
    assert!(azure.unwrap()["creationDate"].as_str().unwrap().ends_with("+00:00"));
    assert_eq!(server.get(&path).await.expect(200)["status"], "Ordered");
    server.pass(5);
    for order in result["orders"].as_array().unwrap() {
        assert_eq!(server.get(&path_of(order)).await.expect(200)["status"], "completed");
    }
}

#[tokio::test]
async fn a_checkout_can_be_repeated() {
    let server = TestServer::new().await;
    let (path, _) = cart(&server, &[MAIL]).await;
    let first = ids(&check_out(&server, &path).await.expect(201));
    assert_eq!(ids(&check_out(&server, &path).await.expect(201)), first);
    assert_eq!(server.count("ordersPlaced"), 1);
    server.configure(|settings| settings.repeated_checkout = RepeatedCheckout::Refused);
    assert_eq!(check_out(&server, &path).await.status_and_code(), (400, 800_065));
}

#[tokio::test]
async fn lines_have_their_errors() {
    let server = TestServer::new().await;
    let items = ["nothing", OUT_OF_STOCK, "CFQ7TTC0QUOT:0001:CFQ7TTC0QUO1", "CFQ7TTC0ATTE:0001:CFQ7TTC0ATT1", MAIL];
    let (path, new) = cart(&server, &items).await;
    let codes: Vec<_> =
        new["lineItems"].as_array().unwrap().iter().map(|line| line["error"]["errorCode"].as_i64()).collect();
    assert_eq!(codes, [Some(10001), Some(10003), Some(10002), Some(10012), None]);
    assert_eq!(check_out(&server, &path).await.status_and_code(), (400, 800_009));
    server.configure(|settings| settings.cart_error_code = CodeForm::Text);
    let (_, new) = cart(&server, &[OUT_OF_STOCK]).await;
    assert_eq!(new["lineItems"][0]["error"]["errorCode"], "inventory_not_available");
}

#[tokio::test]
async fn a_partly_failed_checkout_can_be_retried() {
    let server = TestServer::new().await;
    let (path, _) = cart(&server, &[MAIL, SOFTWARE]).await;
    let failure =
        FaultKind::FailOrder { code: 800_069, description: "Rejected for now.".into(), item: Some(SOFTWARE.into()) };
    server.emulator.plan_fault(Fault::new(failure).times(1));
    let result = check_out(&server, &path).await.expect(201);
    assert_eq!((ids(&result).len(), &result["orderErrors"][0]["code"]), (1, &json!(800_069)));
    assert_eq!(server.get(&path).await.expect(200)["status"], "Active");
    let again = check_out(&server, &path).await.expect(201);
    assert_eq!((ids(&again).len(), again.get("orderErrors")), (2, None));
    assert_eq!(server.count("ordersPlaced"), 2);
}

#[tokio::test]
async fn a_cart_is_ordered_by_the_next_checkout_without_its_failed_line() {
    let server = TestServer::new().await;
    let (path, mut read) = cart(&server, &[MAIL, SOFTWARE]).await;
    let failure =
        FaultKind::FailOrder { code: 800_069, description: "Rejected for now.".into(), item: Some(SOFTWARE.into()) };
    server.emulator.plan_fault(Fault::new(failure).times(1));
    check_out(&server, &path).await.expect(201);
    read["lineItems"].as_array_mut().unwrap().pop();
    server.send(Method::PUT, &path, read).await.expect(201);
    let again = check_out(&server, &path).await.expect(201);
    assert_eq!((ids(&again).len(), again.get("orderErrors")), (1, None));
    assert_eq!(server.get(&path).await.expect(200)["status"], "Ordered");
    assert_eq!(server.count("ordersPlaced"), 1);
}

#[tokio::test]
async fn lines_with_errors_can_be_in_the_result_instead() {
    let server = TestServer::new().await;
    server.configure(|settings| settings.checkout_with_line_errors = CheckoutWithLineErrors::Partial);
    let (path, _) = cart(&server, &[MAIL, OUT_OF_STOCK]).await;
    let result = check_out(&server, &path).await.expect(201);
    assert_eq!((ids(&result).len(), &result["orderErrors"][0]["code"]), (1, &json!(800_009)));
}

#[tokio::test]
async fn a_cart_is_replaced_as_a_whole() {
    let server = TestServer::new().await;
    let (path, mut read) = cart(&server, &[MAIL]).await;
    let end = read["expirationTimestamp"].clone();
    server.pass(60);
    let lines = read["lineItems"].as_array_mut().unwrap();
    lines.push(json!({"catalogItemId": SAAS, "quantity": 1, "id": "7"}));
    // The SDK's default date.
    read["expirationTimestamp"] = json!("0001-01-01T00:00:00");
    let put = server.send(Method::PUT, &path, read.clone()).await.expect(201);
    assert_eq!((&put["lineItems"][1]["id"], &put["expirationTimestamp"]), (&json!(7), &end));
    assert_ne!(put["lastModifiedTimestamp"], put["creationTimestamp"]);
    server.configure(|settings| settings.replaced_cart = SuccessStatus::Ok);
    server.send(Method::PUT, &path, put).await.expect(200);
    check_out(&server, &path).await.expect(201);
    assert_eq!(server.send(Method::PUT, &path, read).await.status_and_code(), (400, 800_065));
}

#[tokio::test]
async fn participants_become_resellers_and_add_ons_have_parents() {
    let server = TestServer::new().await;
    let new = json!({"lineItems": [{
        "id": 0, "catalogItemId": MAIL, "quantity": 3, "friendlyName": "Ours",
        "participants": [
            {"key": "transaction_reseller", "value": "4711"},
            {"key": "additional_transaction_reseller", "value": "4712"}
        ],
        "addonItems": [{"id": 1, "catalogItemId": "CFQ7TTC0LH18:0001:CFQ7TTC0K5NB", "quantity": 3}]
    }]});
    let cart = server.post(&carts(DOCUMENTED), new).await.expect(201);
    let path = format!("{}/{}", carts(DOCUMENTED), cart["id"].as_str().unwrap());
    let result = check_out(&server, &path).await.expect(201);
    let [order] = result["orders"].as_array().unwrap().as_slice() else { panic!("{result}") };
    let line = &order["lineItems"][0];
    assert_eq!((&line["partnerIdOnRecord"], &line["friendlyName"]), (&json!("4711"), &json!("Ours")));
    assert_eq!(line["additionalPartnerIdsOnRecord"], json!(["4712"]));
    server.pass(5);
    let order = server.get(&path_of(order)).await.expect(200);
    let of = |line: usize| order["lineItems"][line]["subscriptionId"].as_str().unwrap();
    let add_on = server.get(&crate::support::subscription(DOCUMENTED, of(1))).await.expect(200);
    assert_eq!(add_on["parentSubscriptionId"], of(0));
}

#[tokio::test]
async fn a_checkout_keeps_the_licensed_user_and_can_return_200() {
    let server = TestServer::new().await;
    server.configure(|settings| settings.checkout = SuccessStatus::Ok);
    let (path, _) = cart(&server, &[LICENCE]).await;
    let request = server.request(Method::POST, &format!("{path}/checkout"));
    let result = send(request.header("x-ms-customeruser-upn", "mara@contoso.example")).await.expect(200);
    let users = server.emulator.licensed_users(DOCUMENTED.parse().unwrap());
    assert_eq!(users.get(&ids(&result)[0]).map(String::as_str), Some("mara@contoso.example"));
}

fn mail_for(term: &str, cycle: &str) -> Value {
    json!({"lineItems": [{"id": 0, "catalogItemId": MAIL, "quantity": 2, "termDuration": term, "billingCycle": cycle}]})
}

#[tokio::test]
async fn lines_have_prices_for_a_billing_cycle_and_for_the_term() {
    let server = TestServer::new().await;
    for (term, cycle, unit, extended) in
        [("P1Y", "monthly", 12.5, 300.0), ("P1Y", "annual", 150.0, 300.0), ("P1M", "monthly", 12.5, 25.0)]
    {
        let new = server.post(&carts(DOCUMENTED), mail_for(term, cycle)).await.expect(201);
        let pricing = json!({"listPrice": unit, "discountedPrice": unit, "proratedPrice": unit, "price": unit,
            "extendedPrice": extended});
        assert_eq!(new["lineItems"][0]["pricing"], pricing, "{term} {cycle}");
        let path = format!("{}/{}", carts(DOCUMENTED), new["id"].as_str().unwrap());
        assert_eq!(server.get(&path).await.expect(200), new);
        let result = check_out(&server, &path).await.expect(201);
        assert_eq!(result["orders"][0]["lineItems"][0]["pricing"], pricing);
        assert_eq!(result["orders"][0]["totalPrice"], extended);
        let order = server.get(&path_of(&result["orders"][0])).await.expect(200);
        assert_eq!((order.get("totalPrice"), order["lineItems"][0].get("pricing")), (None, None));
    }
    let (_, unknown) = cart(&server, &["nothing"]).await;
    assert_eq!(unknown["lineItems"][0].get("pricing"), None);
}

#[tokio::test]
async fn prices_can_be_absent() {
    let server = TestServer::new().await;
    let (path, mut expected) = cart(&server, &[MAIL]).await;
    expected["lineItems"][0].as_object_mut().unwrap().remove("pricing").expect("prices");
    for (is_shown, is_allowed) in [(false, true), (true, false)] {
        server.configure(|settings| {
            settings.unrequested_prices = is_shown;
            settings.pricing_access = is_allowed;
        });
        assert_eq!(server.get(&path).await.expect(200), expected);
        assert_eq!(server.place(MAIL, 1).await["lineItems"][0].get("pricing"), None);
    }
    let result = check_out(&server, &path).await.expect(201);
    let order = &result["orders"][0];
    assert_eq!((order.get("totalPrice"), order["lineItems"][0].get("pricing")), (None, None));
}

#[tokio::test]
async fn a_billing_cycle_is_no_longer_than_the_term() {
    let server = TestServer::new().await;
    let too_long = server.post(&carts(DOCUMENTED), mail_for("P1M", "annual")).await;
    assert_eq!(
        (too_long.status_and_code(), &too_long.json()["data"]),
        ((400, 900_270), &json!(["lineItems[0].billingCycle"]))
    );
    let (path, _) = cart(&server, &[MAIL]).await;
    let replaced = server.send(Method::PUT, &path, mail_for("P1Y", "triennial")).await;
    assert_eq!(replaced.status_and_code(), (400, 900_270));
    server.post(&carts(DOCUMENTED), mail_for("P3Y", "annual")).await.expect(201);
}

#[tokio::test]
async fn malformed_carts_are_rejected() {
    let server = TestServer::new().await;
    let error = async |body: Value| server.post(&carts(DOCUMENTED), body).await.status_and_code();
    assert_eq!(error(json!({"lineItems": []})).await, (400, 2000));
    assert_eq!(error(json!({"lineItems": [{"id": 0, "quantity": 1}]})).await, (400, 900_142));
    let twice =
        json!([{"id": 0, "catalogItemId": MAIL, "quantity": 1}, {"id": 0, "catalogItemId": MAIL, "quantity": 1}]);
    assert_eq!(error(json!({"lineItems": twice})).await, (400, 2000));
    let cycle = json!([{"id": 0, "catalogItemId": MAIL, "quantity": 1, "billingCycle": "fortnightly"}]);
    assert_eq!(error(json!({"lineItems": cycle})).await, (400, 900_126));
    assert_eq!(server.count("cartsCreated"), 0);
    assert_eq!(server.get(&orders(DOCUMENTED)).await.expect(200)["totalCount"], 3);
}
