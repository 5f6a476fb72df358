//! Formats other than JSON: they get plain values, and values can be read from them.

use std::fmt::Debug;

use partner_center_orders_api::Extra;
use partner_center_orders_api::types::{Link, Order, Pricing};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const ORDER: &str = include_str!("../../../../spec/examples/get_order.response.new_commerce.json");
const MEMBERS: &str =
    r#"{"a":1.0,"b":100,"c":[-1,18446744073709551615,"\u00e9",null,true,{}],"d":{"x":{"y":0.25}},"e":-0}"#;

fn yaml<T: DeserializeOwned>(value: &impl Serialize) -> T {
    let text = serde_norway::to_string(value).unwrap();
    assert!(!text.contains("$serde_json"), "{text}");
    serde_norway::from_str(&text).unwrap()
}

fn cbor<T: DeserializeOwned>(value: &impl Serialize) -> T {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("$serde_json"), "{bytes:?}");
    ciborium::from_reader(bytes.as_slice()).unwrap()
}

fn value<T: DeserializeOwned>(value: &impl Serialize) -> T {
    let value = serde_json::to_value(value).unwrap();
    assert!(!value.to_string().contains("$serde_json"), "{value}");
    serde_json::from_value(value).unwrap()
}

fn survives<T: Serialize + DeserializeOwned + PartialEq + Debug>(text: &str) {
    let read: T = serde_json::from_str(text).unwrap();
    assert_eq!(yaml::<T>(&read), read);
    assert_eq!(cbor::<T>(&read), read);
    assert_eq!(value::<T>(&read), read);
}

#[test]
fn values_survive_every_format() {
    survives::<Extra>(MEMBERS);
    survives::<Order>(&ORDER.replacen('{', &format!("{{\"new\":{MEMBERS},"), 1));
    survives::<Pricing>(r#"{"listPrice":19.90,"price":1e2,"unknown":[1.50]}"#);
}

#[test]
fn other_formats_get_plain_values() {
    let link = format!(r#"{{"uri":"/","method":"GET","new":{MEMBERS},"price":1.50,"new2":1,"new2":2}}"#);
    let link: Link = serde_json::from_str(&link).unwrap();
    let mut members: Value = serde_json::from_str(MEMBERS).unwrap();
    let plain = json!({ "uri": "/", "method": "GET", "new": members, "price": 1.5, "new2": 2 });
    assert_eq!(value::<Value>(&link), plain);
    assert_eq!(cbor::<Value>(&link), plain);
    // YAML has no negative zero of its own.
    members["e"] = json!(0);
    assert_eq!(yaml::<Value>(&link)["new"]["c"], members["c"]);
    assert_eq!(yaml::<Value>(&link)["new2"], 2);
}

#[test]
fn a_number_that_a_format_can_not_hold_is_an_error() {
    let extra: Extra = serde_json::from_str(r#"{"a":1e999}"#).unwrap();
    assert!(serde_json::to_value(&extra).unwrap_err().to_string().contains("number out of range"));
    let extra: Extra = serde_json::from_str(r#"{"a":"\ud83d"}"#).unwrap();
    assert!(serde_json::to_value(&extra).unwrap_err().to_string().contains("half of a surrogate pair"));
}

#[test]
fn values_are_read_from_what_only_other_formats_have() {
    let text = "1: one\ntrue: two\nthree: .inf\nlist: [1, 2.5]\n";
    let extra: Extra = serde_norway::from_str(&format!("outer:\n  {}", text.replace('\n', "\n  "))).unwrap();
    let outer = r#"{"1":"one","true":"two","three":null,"list":[1,2.5]}"#;
    assert_eq!(extra.get("outer").unwrap().json(), outer);

    // A map with one member, whose value is a string of two bytes.
    let bytes = [b"\xa1\x65bytes".as_slice(), b"\x42\x01\x02"].concat();
    let extra: Extra = ciborium::from_reader(bytes.as_slice()).unwrap();
    assert_eq!(extra.get("bytes").unwrap(), json!([1, 2]));
}

#[test]
fn a_name_of_serde_json_is_no_way_around_the_check() {
    let text = r#"a: { "$serde_json::private::RawValue": "1]" }"#;
    let error = serde_norway::from_str::<Extra>(text).unwrap_err().to_string();
    assert!(error.contains("malformed JSON"), "{error}");
}

#[test]
fn serde_may_buffer_and_flatten_them() {
    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct Stored {
        number: i32,
        #[serde(flatten)]
        link: Link,
    }

    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    #[serde(untagged)]
    enum Either {
        Number(i32),
        Pricing(Pricing),
    }

    let text = r#"{"number":1,"uri":"/","method":"GET","new":{"a":[1.5,"x"]}}"#;
    let stored: Stored = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&stored).unwrap(), text);
    assert_eq!(yaml::<Stored>(&stored), stored);

    let text = r#"{"price":1.5,"new":[2]}"#;
    assert_eq!(serde_json::to_string(&serde_json::from_str::<Either>(text).unwrap()).unwrap(), text);
}

#[test]
fn deep_values_are_rejected_in_every_format() {
    let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(serde_json::from_str::<Extra>(&nested(127)).is_ok());
    assert!(serde_json::from_str::<Extra>(&nested(128)).is_err());
    assert!(serde_json::from_str::<Extra>(&nested(100_000)).is_err());
    let mut bytes = vec![0xa1, 0x61, b'a'];
    bytes.extend([0x81; 128]);
    bytes.push(0x80);
    assert!(ciborium::from_reader::<Extra, _>(bytes.as_slice()).is_err());
}
