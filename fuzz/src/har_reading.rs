//! Any capture can be read, repeatedly with the same result, and its sums agree.

use partner_center_orders_schema::traffic::{Conformance, Outcome, read_capture};

use super::nested::unfolded;

fn read(name: &str, input: &[u8]) -> (Outcome, Vec<String>) {
    let mut conformance = Conformance::default();
    let errors = read_capture(name, input, &mut conformance);
    (conformance.outcome(), errors.iter().map(ToString::to_string).collect())
}

/// Reads the input as an archive, and as a payload that is named after its operation.
pub fn check(input: &[u8]) {
    let input = &*unfolded(input);
    for name in ["capture.har", "get_order.response.json", "create_cart.request.json"] {
        let (outcome, errors) = read(name, input);
        assert_eq!(read(name, input), (outcome.clone(), errors));
        let known: usize = outcome.operations.values().sum();
        assert!(known + outcome.elsewhere + outcome.set_apart <= outcome.exchanges);
        assert!(outcome.validated <= 2 * known);
        assert!(outcome.differences.iter().all(|difference| difference.count > 0));
        serde_json::to_string(&outcome).expect("an outcome can be written");
        // A mark before the text changes nothing.
        if !input.starts_with(b"\xef\xbb\xbf") && name == "capture.har" {
            let marked = [b"\xef\xbb\xbf", input].concat();
            assert_eq!(read(name, &marked).0, outcome);
        }
    }
}
