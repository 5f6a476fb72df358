//! Carts from creation to checkout.

use partner_center_emulator::{
    CheckoutWithLineErrors, CodeForm, ExpiredCart, Fault, FaultKind, RepeatedCheckout, SuccessStatus,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    AZURE, Bench, DOCUMENTED, LICENCE, MAIL, RESERVATION, SAAS, SOFTWARE, carts, new_cart, orders, path_of, seen,
};

const WEEK: u64 = 7 * 24 * 3600;
const OUT_OF_STOCK: &str = "DG7GMGF0STCK:0001:DG7GMGF0STC1";

async fn cart(bench: &Bench, items: &[&str]) -> (String, Value) {
    let cart = bench.post(&carts(DOCUMENTED), new_cart(items)).await.expect(201);
    (format!("{}/{}", carts(DOCUMENTED), cart["id"].as_str().unwrap()), cart)
}

async fn check_out(bench: &Bench, path: &str) -> crate::support::Seen {
    seen(bench.request(Method::POST, &format!("{path}/checkout"))).await
}

fn ids(result: &Value) -> Vec<String> {
    result["orders"].as_array().unwrap().iter().map(|order| order["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_cart_lives_for_a_week_from_its_creation() {
    let bench = Bench::new().await;
    let (path, new) = cart(&bench, &[MAIL]).await;
    assert_eq!(new["status"], "Active");
    let at = |member: &str| new[member].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert_eq!((at("expirationTimestamp") - at("creationTimestamp")).num_seconds(), i64::try_from(WEEK).unwrap());
    assert_eq!(new["links"]["self"]["uri"], json!(path));
    bench.get(&path).await.expect(200);
    bench.pass(WEEK);
    let token = bench.emulator.user_token(true);
    let gone = seen(bench.client.get(bench.url(&path)).bearer_auth(&token)).await;
    assert_eq!(gone.refusal(), (404, 800_008));
    bench.configure(|settings| settings.expired_cart = ExpiredCart::Readable);
    seen(bench.client.get(bench.url(&path)).bearer_auth(&token)).await.expect(200);
    let late = seen(bench.client.post(bench.url(&format!("{path}/checkout"))).bearer_auth(&token)).await;
    assert_eq!(late.refusal(), (400, 800_065));
}

#[tokio::test]
async fn an_unknown_cart_is_800008() {
    let bench = Bench::new().await;
    for id in ["b4c8fdea-cbe4-4d17-9576-13fcacbf9605", "no-guid"] {
        let path = format!("{}/{id}", carts(DOCUMENTED));
        assert_eq!(bench.get(&path).await.refusal(), (404, 800_008));
        assert_eq!(bench.send(Method::PUT, &path, new_cart(&[MAIL])).await.refusal(), (404, 800_008));
        assert_eq!(check_out(&bench, &path).await.refusal(), (404, 800_008));
    }
}

#[tokio::test]
async fn lines_are_put_into_order_groups_and_become_an_order_each() {
    let bench = Bench::new().await;
    let (path, cart) = cart(&bench, &[MAIL, RESERVATION, SOFTWARE, AZURE, SAAS]).await;
    let mut groups: Vec<_> =
        cart["lineItems"].as_array().unwrap().iter().map(|line| line["orderGroup"].as_str().unwrap()).collect();
    groups.sort_unstable();
    groups.dedup();
    let result = check_out(&bench, &path).await.expect(201);
    assert_eq!(ids(&result).len(), groups.len());
    assert!(result.get("orderErrors").is_none());
    assert_eq!(result["attributes"]["objectType"], "CartCheckoutResult");
    let azure = result["orders"].as_array().unwrap().iter().find(|order| order["lineItems"][0]["offerId"] == AZURE);
    assert!(azure.unwrap()["creationDate"].as_str().unwrap().ends_with("+00:00"));
    assert_eq!(bench.get(&path).await.expect(200)["status"], "Ordered");
    bench.pass(5);
    for order in result["orders"].as_array().unwrap() {
        assert_eq!(bench.get(&path_of(order)).await.expect(200)["status"], "completed");
    }
}

#[tokio::test]
async fn a_checkout_can_be_repeated() {
    let bench = Bench::new().await;
    let (path, _) = cart(&bench, &[MAIL]).await;
    let first = ids(&check_out(&bench, &path).await.expect(201));
    assert_eq!(ids(&check_out(&bench, &path).await.expect(201)), first);
    assert_eq!(bench.count("ordersPlaced"), 1);
    bench.configure(|settings| settings.repeated_checkout = RepeatedCheckout::Refused);
    assert_eq!(check_out(&bench, &path).await.refusal(), (400, 800_065));
}

#[tokio::test]
async fn lines_with_errors_say_which() {
    let bench = Bench::new().await;
    let items = ["nothing", OUT_OF_STOCK, "CFQ7TTC0QUOT:0001:CFQ7TTC0QUO1", "CFQ7TTC0ATTE:0001:CFQ7TTC0ATT1", MAIL];
    let (path, new) = cart(&bench, &items).await;
    let codes: Vec<_> =
        new["lineItems"].as_array().unwrap().iter().map(|line| line["error"]["errorCode"].as_i64()).collect();
    assert_eq!(codes, [Some(10001), Some(10003), Some(10002), Some(10012), None]);
    assert_eq!(check_out(&bench, &path).await.refusal(), (400, 800_009));
    bench.configure(|settings| settings.cart_error_code = CodeForm::Text);
    let (_, new) = cart(&bench, &[OUT_OF_STOCK]).await;
    assert_eq!(new["lineItems"][0]["error"]["errorCode"], "inventory_not_available");
}

#[tokio::test]
async fn a_checkout_can_fail_in_part_and_be_tried_again() {
    let bench = Bench::new().await;
    let (path, _) = cart(&bench, &[MAIL, SOFTWARE]).await;
    let failure =
        FaultKind::FailOrder { code: 800_069, description: "Refused for now.".into(), item: Some(SOFTWARE.into()) };
    bench.emulator.plan_fault(Fault::new(failure).times(1));
    let result = check_out(&bench, &path).await.expect(201);
    assert_eq!((ids(&result).len(), &result["orderErrors"][0]["code"]), (1, &json!(800_069)));
    assert_eq!(bench.get(&path).await.expect(200)["status"], "Active");
    let again = check_out(&bench, &path).await.expect(201);
    assert_eq!((ids(&again).len(), again.get("orderErrors")), (2, None));
    assert_eq!(bench.count("ordersPlaced"), 2);
}

#[tokio::test]
async fn a_cart_without_its_failed_line_is_ordered_by_the_next_checkout() {
    let bench = Bench::new().await;
    let (path, mut read) = cart(&bench, &[MAIL, SOFTWARE]).await;
    let failure =
        FaultKind::FailOrder { code: 800_069, description: "Refused for now.".into(), item: Some(SOFTWARE.into()) };
    bench.emulator.plan_fault(Fault::new(failure).times(1));
    check_out(&bench, &path).await.expect(201);
    read["lineItems"].as_array_mut().unwrap().pop();
    bench.send(Method::PUT, &path, read).await.expect(201);
    let again = check_out(&bench, &path).await.expect(201);
    assert_eq!((ids(&again).len(), again.get("orderErrors")), (1, None));
    assert_eq!(bench.get(&path).await.expect(200)["status"], "Ordered");
    assert_eq!(bench.count("ordersPlaced"), 1);
}

#[tokio::test]
async fn lines_with_errors_can_stand_in_the_result_instead() {
    let bench = Bench::new().await;
    bench.configure(|settings| settings.checkout_with_line_errors = CheckoutWithLineErrors::Partial);
    let (path, _) = cart(&bench, &[MAIL, OUT_OF_STOCK]).await;
    let result = check_out(&bench, &path).await.expect(201);
    assert_eq!((ids(&result).len(), &result["orderErrors"][0]["code"]), (1, &json!(800_009)));
}

#[tokio::test]
async fn a_cart_is_replaced_as_a_whole() {
    let bench = Bench::new().await;
    let (path, mut read) = cart(&bench, &[MAIL]).await;
    let end = read["expirationTimestamp"].clone();
    bench.pass(60);
    let lines = read["lineItems"].as_array_mut().unwrap();
    lines.push(json!({"catalogItemId": SAAS, "quantity": 1, "id": "7"}));
    // The SDK's date for nothing.
    read["expirationTimestamp"] = json!("0001-01-01T00:00:00");
    let put = bench.send(Method::PUT, &path, read.clone()).await.expect(201);
    assert_eq!((&put["lineItems"][1]["id"], &put["expirationTimestamp"]), (&json!(7), &end));
    assert_ne!(put["lastModifiedTimestamp"], put["creationTimestamp"]);
    bench.configure(|settings| settings.replaced_cart = SuccessStatus::Ok);
    bench.send(Method::PUT, &path, put).await.expect(200);
    check_out(&bench, &path).await.expect(201);
    assert_eq!(bench.send(Method::PUT, &path, read).await.refusal(), (400, 800_065));
}

#[tokio::test]
async fn participants_become_resellers_and_add_ons_get_their_parents() {
    let bench = Bench::new().await;
    let new = json!({"lineItems": [{
        "id": 0, "catalogItemId": MAIL, "quantity": 3, "friendlyName": "Ours",
        "participants": [
            {"key": "transaction_reseller", "value": "4711"},
            {"key": "additional_transaction_reseller", "value": "4712"}
        ],
        "addonItems": [{"id": 1, "catalogItemId": "CFQ7TTC0LH18:0001:CFQ7TTC0K5NB", "quantity": 3}]
    }]});
    let cart = bench.post(&carts(DOCUMENTED), new).await.expect(201);
    let path = format!("{}/{}", carts(DOCUMENTED), cart["id"].as_str().unwrap());
    let result = check_out(&bench, &path).await.expect(201);
    let [order] = result["orders"].as_array().unwrap().as_slice() else { panic!("{result}") };
    let line = &order["lineItems"][0];
    assert_eq!((&line["partnerIdOnRecord"], &line["friendlyName"]), (&json!("4711"), &json!("Ours")));
    assert_eq!(line["additionalPartnerIdsOnRecord"], json!(["4712"]));
    bench.pass(5);
    let order = bench.get(&path_of(order)).await.expect(200);
    let of = |line: usize| order["lineItems"][line]["subscriptionId"].as_str().unwrap();
    let add_on = bench.get(&crate::support::subscription(DOCUMENTED, of(1))).await.expect(200);
    assert_eq!(add_on["parentSubscriptionId"], of(0));
}

#[tokio::test]
async fn a_checkout_keeps_the_user_to_license_and_can_answer_200() {
    let bench = Bench::new().await;
    bench.configure(|settings| settings.checkout = SuccessStatus::Ok);
    let (path, _) = cart(&bench, &[LICENCE]).await;
    let request = bench.request(Method::POST, &format!("{path}/checkout"));
    let result = seen(request.header("x-ms-customeruser-upn", "mara@contoso.example")).await.expect(200);
    let users = bench.emulator.licensed_users(DOCUMENTED.parse().unwrap());
    assert_eq!(users.get(&ids(&result)[0]).map(String::as_str), Some("mara@contoso.example"));
}

#[tokio::test]
async fn what_is_no_cart_is_refused() {
    let bench = Bench::new().await;
    let refusal = async |body: Value| bench.post(&carts(DOCUMENTED), body).await.refusal();
    assert_eq!(refusal(json!({"lineItems": []})).await, (400, 2000));
    assert_eq!(refusal(json!({"lineItems": [{"id": 0, "quantity": 1}]})).await, (400, 900_142));
    let twice =
        json!([{"id": 0, "catalogItemId": MAIL, "quantity": 1}, {"id": 0, "catalogItemId": MAIL, "quantity": 1}]);
    assert_eq!(refusal(json!({"lineItems": twice})).await, (400, 2000));
    let cycle = json!([{"id": 0, "catalogItemId": MAIL, "quantity": 1, "billingCycle": "fortnightly"}]);
    assert_eq!(refusal(json!({"lineItems": cycle})).await, (400, 900_126));
    assert_eq!(bench.count("cartsCreated"), 0);
    assert_eq!(bench.get(&orders(DOCUMENTED)).await.expect(200)["totalCount"], 3);
}
