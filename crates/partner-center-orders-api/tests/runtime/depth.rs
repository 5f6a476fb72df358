//! Members that nest in themselves are read up to a limit, on a stack no larger than that of one of tokio's threads.

use partner_center_orders_api::runtime::{decode, decode_first, decode_payload};
use partner_center_orders_api::types::{Cart, Link};
use serde_json::Value;

/// The default stack of a worker thread.
const STACK: usize = 2 << 20;

fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap().join().unwrap();
}

/// A cart line with add-ons nested this deep.
fn line(add_ons: usize) -> String {
    let line = r#"{"id":0,"catalogItemId":"x","quantity":1,"addonItems":["#;
    format!("{}{}", line.repeat(add_ons + 1), "]}".repeat(add_ons + 1))
}

fn cart(add_ons: usize) -> String {
    format!(r#"{{"id":"1","lineItems":[{}]}}"#, line(add_ons))
}

#[test]
fn add_ons_beyond_the_limit_are_an_error() {
    on_a_small_stack(|| {
        for add_ons in [62, 63, 64, 700, 2_000, 100_000] {
            let text = cart(add_ons);
            let error = decode_payload::<Cart>(text.as_bytes()).unwrap_err();
            assert_eq!(error.problem(), "arrays and objects nest deeper than 127 levels", "{add_ons}");
            assert_eq!(error.to_string(), decode::<Cart>(text.as_bytes()).unwrap_err().to_string());
            assert!(decode_first::<Cart>(&text).is_none());
        }
        // Also if the text ends in the middle.
        let endless = r#"{"id":0,"addonItems":["#.repeat(100_000);
        assert!(decode_payload::<Cart>(format!(r#"{{"id":"1","lineItems":[{endless}"#).as_bytes()).is_err());
    });
}

#[test]
fn add_ons_within_the_limit_are_read_compared_printed_and_dropped() {
    on_a_small_stack(|| {
        let text = cart(61);
        let cart = decode_payload::<Cart>(text.as_bytes()).unwrap();
        assert_eq!(decode::<Cart>(text.as_bytes()).unwrap(), cart);
        assert_eq!(decode_first::<Cart>(&text).unwrap().0, cart.clone());
        assert!(format!("{cart:#?}").len() > text.len());
        assert_eq!(serde_json::to_string(&cart).unwrap(), text);
        // An error at the innermost level has the whole path.
        let wrong = text.replacen("\"addonItems\":[]", "\"addonItems\":7", 1);
        assert!(decode_payload::<Cart>(wrong.as_bytes()).unwrap_err().path().ends_with("addonItems"));
    });
}

#[test]
fn unknown_members_count_from_their_own_level() {
    on_a_small_stack(|| {
        let unknown = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        for (depth, fits) in [(126, true), (127, false), (100_000, false)] {
            let link = format!(r#"{{"uri":"/","method":"GET","new":{}}}"#, unknown(depth));
            assert_eq!(decode_payload::<Link>(link.as_bytes()).is_ok(), fits, "{depth}");
        }
        // The line of an add-on's add-on is on level seven.
        for (depth, fits) in [(120, true), (121, false), (100_000, false)] {
            for name in ["new", "renewsTo"] {
                let member = format!("\"addonItems\":[],\"{name}\":{{\"new\":{}}}", unknown(depth - 1));
                let text = cart(2).replacen("\"addonItems\":[]", &member, 1);
                assert_eq!(decode_payload::<Cart>(text.as_bytes()).is_ok(), fits, "{name} {depth}");
            }
        }
        let link: Link =
            decode_payload(format!(r#"{{"uri":"/","method":"GET","new":{}}}"#, unknown(126)).as_bytes()).unwrap();
        assert_eq!(link.clone(), link);
        assert!(!format!("{link:?}").is_empty());
        drop(link);
        assert!(decode_payload::<Value>(unknown(128).as_bytes()).is_err());
    });
}
