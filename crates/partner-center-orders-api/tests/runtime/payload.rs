//! The crate's own reader agrees with `serde_json`: in verdict and in value, whatever happens to a text.

use std::fmt::Debug;
use std::path::Path;

use partner_center_orders_api::runtime::{Payload, decode, decode_payload};
use partner_center_orders_api::types::{Cart, Fault, Link, Order, OrderCollection, Subscription};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde::Serialize;

fn agree<T: Payload + Serialize + Debug>(text: &[u8]) {
    match (decode::<T>(text), decode_payload::<T>(text)) {
        (Ok(by_serde), Ok(own)) => {
            // Written text tells more than equality does: two amounts are equal that are spelled differently.
            assert_eq!(serde_json::to_string(&by_serde).unwrap(), serde_json::to_string(&own).unwrap());
        }
        (Err(by_serde), Err(own)) => assert_eq!(by_serde.to_string(), own.to_string()),
        (by_serde, own) => panic!("{by_serde:?} is not {own:?} for {}", String::from_utf8_lossy(text)),
    }
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
fn what_is_odd_reads_alike() {
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
            let order = String::from_utf8(examples()[11].clone()).unwrap();
            agree::<Order>(order.replacen('{', &format!("{{\"{name}\":{value},"), 1).as_bytes());
            agree::<Order>(format!("{{\"id\":\"1\",\"referenceCustomerId\":\"\",\"creationDate\":\"\",\"lineItems\":[{{\"lineItemNumber\":{value},\"offerId\":\"\",\"quantity\":1}}],\"{name}\":{value}}}").as_bytes());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn damaged_examples_read_alike(
        text in select(examples()),
        damages in proptest::collection::vec((any::<Index>(), 0..3_u8, select(b"\"\\{}[]:,0-.eE1tnf \x00\xff\xc3u".to_vec())), 1..4),
    ) {
        let mut text = text;
        for (index, kind, byte) in damages {
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
