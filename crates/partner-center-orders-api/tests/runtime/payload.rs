//! The crate's own reader agrees with `serde_json`, in acceptance and in value, on any text.

use std::fmt::Debug;
use std::path::Path;

use partner_center_orders_api::runtime::{Payload, decode, decode_first, decode_payload};
use partner_center_orders_api::types::{Cart, Fault, Link, Order, OrderCollection, Subscription};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde::Serialize;
use serde_json::{Value, json};

const ORDER: &str = include_str!("../../../../spec/examples/get_order.response.new_commerce.json");

fn agree<T: Payload + Serialize + Debug>(text: &[u8]) {
    match (decode::<T>(text), decode_payload::<T>(text)) {
        (Ok(by_serde), Ok(own)) => {
            // Written text is stricter than equality: amounts with different spellings are equal.
            let written = serde_json::to_string(&by_serde).unwrap();
            assert_eq!(written, serde_json::to_string(&own).unwrap());
            agree_on_the_first::<T>(text, &written);
        }
        (Err(by_serde), Err(own)) => assert_eq!(by_serde.to_string(), own.to_string()),
        (by_serde, own) => panic!("{by_serde:?} is not {own:?} for {}", String::from_utf8_lossy(text)),
    }
}

/// If something follows, the first value is the same; if its end is missing, there is no value.
fn agree_on_the_first<T: Payload + Serialize>(text: &[u8], written: &str) {
    let text = std::str::from_utf8(text).unwrap().trim_start_matches('\u{feff}').trim();
    if let Some((first, length)) = decode_first::<T>(&format!("{text}, {{\"id\":")) {
        assert_eq!(length, text.len());
        assert_eq!(serde_json::to_string(&first).unwrap(), written);
    }
    assert!(decode_first::<T>(&text[..text.len() - 1]).is_none());
}

fn agree_on_all(text: &[u8]) {
    agree::<Order>(text);
    agree::<OrderCollection>(text);
    agree::<Cart>(text);
    agree::<Subscription>(text);
    agree::<Fault>(text);
}

fn examples() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/examples");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

#[test]
fn examples_read_alike() {
    for text in examples() {
        agree_on_all(&text);
    }
}

#[test]
fn the_first_object_of_a_text_is_read() {
    let (_, length) = decode_first::<Order>(&format!("{ORDER}garbage")).unwrap();
    assert_eq!(length, ORDER.trim_end().len());
    assert!(decode_first::<i32>("12").is_none(), "a number may continue");
    assert!(decode_first::<Order>("{}").is_none(), "only serde can report what is missing");
}

#[test]
fn unusual_values_read_alike() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for value in [
        "\"\\u0041\\n\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\x\"",
        "\"é\"",
        "\"\t\"",
        "\"",
        "null",
        "tru",
        "true ",
        "0",
        "-0",
        "00",
        "1.0",
        "1e2",
        "1.5",
        "-",
        "1.",
        ".5",
        "+1",
        "99999999999",
        "18446744073709551616",
        "1e999",
        "[1,2",
        "[1,]",
        "[,]",
        "{}",
        "{\"a\":1,\"a\":2}",
        "{\"a\" : [ ] }",
        "{a:1}",
        "nul",
        "1\"a\"",
        " [ ] ",
        "[]]",
        "",
        &deep(60),
        &deep(70),
        &deep(126),
        &deep(127),
        &deep(130),
    ] {
        for name in ["uri", "headers", "body", "unknown", "un\\u0069", "uri\\n", "uri\" ", "headers\"\n"] {
            let quote = if name.contains('"') { "" } else { "\"" };
            agree::<Link>(format!("{{\"uri\":\"/\",\"{name}{quote}:{value},\"method\":\"GET\"}}").as_bytes());
        }
        for name in
            ["totalPrice", "creationDate", "status", "lineItems", "partnerOnRecordAttestationAccepted", "client"]
        {
            agree::<Order>(ORDER.replacen('{', &format!("{{\"{name}\":{value},"), 1).as_bytes());
            agree::<Order>(format!("{{\"id\":\"1\",\"referenceCustomerId\":\"\",\"creationDate\":\"\",\"lineItems\":[{{\"lineItemNumber\":{value},\"offerId\":\"\",\"quantity\":1}}],\"{name}\":{value}}}").as_bytes());
        }
    }
}

/// The same with its members in another order, with or without blanks, and with unknown members.
fn shuffled(value: &Value, choose: &mut dyn FnMut(usize) -> usize) -> String {
    let blank = ["", "", " ", "\n\t"][choose(4)];
    match value {
        Value::Object(members) => {
            let mut left: Vec<(String, Value)> = members.clone().into_iter().collect();
            if choose(3) == 0 {
                let unknown = [
                    Value::Null,
                    (-7).into(),
                    0.5.into(),
                    "x".into(),
                    json!([{ "a": [] }]),
                    json!({ "b": "\u{20ac}" }),
                ];
                left.push((["new", "idx", "i"][choose(3)].to_owned(), unknown[choose(6)].clone()));
            }
            let mut members = Vec::new();
            while !left.is_empty() {
                let (name, value) = left.swap_remove(choose(left.len()));
                members.push(format!("{blank}{}{blank}:{}", Value::from(name), shuffled(&value, choose)));
            }
            format!("{{{}{blank}}}", members.join(","))
        }
        Value::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(|element| shuffled(element, choose)).collect();
            format!("[{blank}{}]", elements.join(","))
        }
        scalar => format!("{blank}{scalar}{blank}"),
    }
}

proptest! {
    #![proptest_config(crate::property(400))]

    #[test]
    fn shuffled_examples_read_alike(text in select(examples()), choices in proptest::collection::vec(any::<u8>(), 400)) {
        let value: Value = serde_json::from_slice(&text).unwrap();
        let mut choices = choices.into_iter().cycle();
        let mut choose = |among: usize| usize::from(choices.next().unwrap_or(0)) % among;
        agree_on_all(shuffled(&value, &mut choose).as_bytes());
    }

    #[test]
    fn malformed_examples_read_alike(
        text in select(examples()),
        edits in proptest::collection::vec((any::<Index>(), 0..3_u8, select(b"\"\\{}[]:,0-.eE1tnf \x00\xff\xc3u".to_vec())), 1..4),
    ) {
        let mut text = text;
        for (index, kind, byte) in edits {
            let at = index.index(text.len());
            match kind {
                0 => text[at] = byte,
                1 => text.insert(at, byte),
                _ => drop(text.remove(at)),
            }
        }
        agree_on_all(&text);
    }
}
