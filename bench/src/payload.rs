//! The payloads that both sides get.

use serde_json::{Value, json};

const RESERVATION: &str = include_str!("../../spec/examples/get_order.response.reservation.json");
const LEGACY: &str = include_str!("../../spec/examples/get_order.response.legacy.json");
const NEW_COMMERCE: &str = include_str!("../../spec/examples/get_order.response.new_commerce.json");

/// One order, the contract's examples in turn, each with an id of its own.
pub fn order(number: usize) -> String {
    // The text is edited, so that members keep the order in which the service writes them.
    let pretty = [RESERVATION, LEGACY, NEW_COMMERCE][number % 3];
    let (before, after) = pretty.split_once("\"id\": \"").expect("an order has an id");
    let id = format!("{before}\"id\": \"{number:06}");
    compact(&format!("{id}{}", &after[6..]))
}

/// The same with five members that the contract doesn't know.
pub fn order_with_unknown(number: usize) -> String {
    let order = order(number);
    let unknown = format!(
        ",\"resourceVersion\":\"{number}\",\"isMigrated\":true,\"riskScore\":{},\"regions\":[\"EU\",\"US\"],\
         \"origin\":{{\"channel\":\"portal\",\"step\":3}}}}",
        number % 100
    );
    format!("{}{unknown}", &order[..order.len() - 1])
}

/// The response to "list orders".
pub fn list(count: usize, order: impl Fn(usize) -> String) -> String {
    let orders: Vec<String> = (0..count).map(order).collect();
    format!(
        "{{\"totalCount\":{count},\"items\":[{}],\"links\":{{\"self\":{{\"uri\":\"/customers/b0d70a69-4c42-4b27-b17b-91a835d8686a/orders\",\
         \"method\":\"GET\",\"headers\":[]}}}},\"attributes\":{{\"objectType\":\"Collection\"}}}}",
        orders.join(",")
    )
}

/// Takes the white space between tokens away.
fn compact(pretty: &str) -> String {
    let mut inside = false;
    let mut escaped = false;
    pretty
        .chars()
        .filter(|letter| {
            let keep = inside || !letter.is_ascii_whitespace();
            if *letter == '"' && !escaped {
                inside = !inside;
            }
            escaped = inside && *letter == '\\' && !escaped;
            keep
        })
        .collect()
}

/// Where two readings of one payload differ, in what a peer that drops what it doesn't know can have.
///
/// # Errors
/// The first position where they differ.
pub fn same(ours: &Value, peers: &Value) -> Result<(), String> {
    same_at("", ours, peers)
}

fn same_at(pointer: &str, ours: &Value, peers: &Value) -> Result<(), String> {
    let equal = match (ours, peers) {
        (Value::Object(ours), Value::Object(peers)) => {
            for (name, value) in peers {
                same_at(&format!("{pointer}/{name}"), ours.get(name).unwrap_or(&Value::Null), value)?;
            }
            return Ok(());
        }
        (Value::Array(ours), Value::Array(peers)) if ours.len() == peers.len() => {
            for (index, (ours, peers)) in ours.iter().zip(peers).enumerate() {
                same_at(&format!("{pointer}/{index}"), ours, peers)?;
            }
            return Ok(());
        }
        (Value::Number(ours), Value::Number(peers)) => ours.as_f64() == peers.as_f64(),
        // One side keeps a date's text, the other its instant.
        (Value::String(ours), Value::String(peers)) => ours == peers || instant(ours) == instant(peers),
        (ours, peers) => ours == peers,
    };
    let short = |value: &Value| value.to_string().chars().take(80).collect::<String>();
    if equal { Ok(()) } else { Err(format!("{pointer}: {} here, {} there", short(ours), short(peers))) }
}

fn instant(text: &str) -> Value {
    let timestamp = partner_center_orders_api::wire::Timestamp::unchecked(text);
    timestamp.instant().map_or(json!(text), |instant| json!(instant.to_rfc3339()))
}
