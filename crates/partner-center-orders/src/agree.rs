//! Comparison of what was found with what was sent, when a write is resumed.

use partner_center_orders_api::wire::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// Members that don't describe what was bought: the service sets them, or renumbers lines.
const SET_BY_SERVICE: [&str; 5] = ["lineItemNumber", "attributes", "links", "pricing", "transactionType"];

/// Whether a line that was found can be the one that was sent: no member that both have differs, members that the contract
/// doesn't know included. A member that the service left out excludes nothing, and a quantity of 0 means that the line was
/// cancelled since.
pub(crate) fn agrees(sent: &impl Serialize, found: &impl Serialize) -> bool {
    let (Ok(Value::Object(sent)), Ok(Value::Object(found))) = (serde_json::to_value(sent), serde_json::to_value(found))
    else {
        // What can't be compared can't be excluded.
        return true;
    };
    sent.iter()
        .filter(|(name, _)| !SET_BY_SERVICE.iter().any(|own| own.eq_ignore_ascii_case(name)))
        .filter_map(|(name, value)| member(&found, name).map(|found| (name, value, found)))
        .all(|(name, sent, found)| {
            let is_cancelled = name.eq_ignore_ascii_case("quantity") && found.as_i64() == Some(0);
            is_cancelled || values_agree(sent, found)
        })
}

pub(crate) fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Whether the one value has all that the other one has. The service may add members to an object.
pub(crate) fn holds(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => wanted
            .iter()
            .filter(|(_, wanted)| !wanted.is_null())
            .all(|(name, wanted)| member(found, name).is_some_and(|found| holds(found, wanted))),
        _ => found == wanted,
    }
}

fn values_agree(sent: &Value, found: &Value) -> bool {
    match (sent, found) {
        (Value::Null, _) | (_, Value::Null) => true,
        (Value::Object(sent), Value::Object(found)) => {
            sent.iter().all(|(name, sent)| member(found, name).is_none_or(|found| values_agree(sent, found)))
        }
        (Value::Array(sent), Value::Array(found)) => {
            found.is_empty() || sent.iter().all(|sent| found.iter().any(|found| values_agree(sent, found)))
        }
        (Value::String(sent), Value::String(found)) => {
            sent.is_empty() || found.is_empty() || sent.eq_ignore_ascii_case(found) || are_one_instant(sent, found)
        }
        (Value::String(text), Value::Number(number)) | (Value::Number(number), Value::String(text)) => {
            *text == number.to_string()
        }
        (Value::Number(sent), Value::Number(found)) => sent == found || sent.as_f64() == found.as_f64(),
        _ => sent == found,
    }
}

fn are_one_instant(sent: &str, found: &str) -> bool {
    let instant = |text: &str| Timestamp::unchecked(text).instant();
    instant(sent).is_some_and(|sent| Some(sent) == instant(found))
}

/// Whether each sent item can be assigned a found one, no two the same.
///
/// Several may agree with one, so a first choice can be wrong: it is changed as long as that frees one (augmenting paths).
pub(crate) fn all_matched(sent: usize, found: usize, agree: impl Fn(usize, usize) -> bool) -> bool {
    fn assign(
        sent: usize,
        agree: &dyn Fn(usize, usize) -> bool,
        taken: &mut [Option<usize>],
        tried: &mut [bool],
    ) -> bool {
        (0..taken.len()).any(|found| {
            if tried[found] || !agree(sent, found) {
                return false;
            }
            tried[found] = true;
            let is_free = taken[found].is_none_or(|other| assign(other, agree, taken, tried));
            if is_free {
                taken[found] = Some(sent);
            }
            is_free
        })
    }

    let mut taken = vec![None; found];
    (0..sent).all(|sent| assign(sent, &agree, &mut taken, &mut vec![false; found]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_member_that_both_have_is_compared() {
        let sent = json!({"offerId": "A", "quantity": 2, "termDuration": "P1M", "promotionId": "x", "future": [1],
            "provisioningContext": {"scope": "shared"}, "customTermEndDate": "2026-01-01T00:00:00Z"});
        assert!(agrees(&sent, &sent));
        assert!(agrees(&sent, &json!({"offerId": "a", "quantity": 0})));
        assert!(agrees(&sent, &json!({"customTermEndDate": "2026-01-01T01:00:00+01:00", "termDuration": ""})));
        for (name, value) in [
            ("offerId", json!("B")),
            ("quantity", json!(3)),
            ("termDuration", json!("P1Y")),
            ("promotionId", json!("y")),
            ("future", json!([2])),
            ("provisioningContext", json!({"scope": "single"})),
            ("customTermEndDate", json!("2026-01-02T00:00:00Z")),
        ] {
            let mut found = sent.clone();
            found[name] = value;
            assert!(!agrees(&sent, &found), "{name}");
        }
    }

    #[test]
    fn an_object_agrees_with_one_that_knows_more() {
        let member = |context: Value| json!({ "provisioningContext": context });
        let sent = member(json!({"scope": "shared"}));
        assert!(agrees(&sent, &member(json!({"scope": "shared", "zone": "1"}))));
        assert!(!agrees(&sent, &member(json!({"scope": "single", "zone": "1"}))));
    }

    #[test]
    fn other_values_agree_if_they_are_equal() {
        let member = |flag: bool| json!({ "attestationAccepted": flag });
        assert!(agrees(&member(true), &member(true)));
        assert!(!agrees(&member(true), &member(false)));
    }

    #[test]
    fn a_number_agrees_however_it_is_written() {
        let member = |quantity: Value| json!({ "quantity": quantity });
        assert!(agrees(&member(json!(7)), &member(json!(7.0))));
        assert!(!agrees(&member(json!(7)), &member(json!(7.5))));
    }

    #[test]
    fn a_number_agrees_with_the_same_number_as_text() {
        let member = |value: Value| json!({ "future": value });
        assert!(agrees(&member(json!(7)), &member(json!("7"))));
        assert!(agrees(&member(json!("7")), &member(json!(7))));
        assert!(!agrees(&member(json!(7)), &member(json!("8"))));
        assert!(!agrees(&member(json!("8")), &member(json!(7))));
    }

    #[test]
    fn lines_are_matched_though_the_first_choice_is_wrong() {
        // The first agrees with both, the second only with the one that the first would take.
        let agree = |sent: usize, found: usize| sent == 0 || found == 0;
        assert!(all_matched(2, 2, agree));
        assert!(!all_matched(2, 2, |_, found| found == 0));
        assert!(!all_matched(2, 1, agree));
    }
}
