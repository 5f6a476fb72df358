//! Names of members as the service writes them. It reads them case-insensitively, at every depth.

use serde_json::{Map, Value};

/// The documented members of values that are kept as a whole; their spelling is restored from any letter case.
const DOCUMENTED: [&str; 24] = [
    "actionType",
    "amount",
    "availabilityId",
    "billingCycle",
    "currency",
    "customTermEndDate",
    "duration",
    "effectiveDate",
    "entitlementId",
    "grain",
    "nextChargeInstructions",
    "parentSubscriptionId",
    "product",
    "productId",
    "promotionId",
    "purchaseCommitment",
    "quantity",
    "renewsTo",
    "scheduleType",
    "scheduledActions",
    "scope",
    "skuId",
    "subscriptionId",
    "termDuration",
];

/// Returns a name as the service writes it: as documented, or else in camelCase.
pub(crate) fn canonical(name: &str) -> String {
    let documented = DOCUMENTED.into_iter().find(|known| known.eq_ignore_ascii_case(name));
    documented.map_or_else(|| camel_case(name), str::to_owned)
}

/// Lowers the capitals that the name begins with, except the one of the next word: `SKUId` becomes `skuId`.
fn camel_case(name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    for index in 0..letters.len() {
        let begins_word = index > 0 && letters.get(index + 1).is_some_and(|next| !next.is_ascii_uppercase());
        if !letters[index].is_ascii_uppercase() || begins_word {
            break;
        }
        letters[index].make_ascii_lowercase();
    }
    letters.into_iter().collect()
}

/// Returns members as the service writes them: without those that are null, and with canonical names at every depth.
pub(crate) fn canonical_members<'a>(members: impl IntoIterator<Item = (&'a String, &'a Value)>) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, value) in members {
        let canonical = canonical(name);
        // Of two spellings of a name, the service's own counts.
        if !value.is_null() && (*name == canonical || !kept.contains_key(&canonical)) {
            kept.insert(canonical, canonical_value(value));
        }
    }
    kept
}

fn canonical_value(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(canonical_members(members)),
        Value::Array(items) => Value::Array(items.iter().map(canonical_value).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_camel_case_or_as_documented() {
        for (name, written) in [
            ("FriendlyName", "friendlyName"),
            ("ID", "id"),
            ("SKUId", "skuId"),
            ("PRODUCTID", "productId"),
            ("unknownName", "unknownName"),
            ("Éclair", "Éclair"),
            ("", ""),
        ] {
            assert_eq!(canonical(name), written, "{name}");
        }
    }

    #[test]
    fn names_are_canonical_at_every_depth_and_nulls_are_left_out() {
        let given = json!({"Outer": [{"Inner": {"ProductId": "p", "PromotionId": null}}, null], "Empty": {}});
        let Value::Object(members) = &given else { unreachable!() };
        let written = json!({"outer": [{"inner": {"productId": "p"}}, null], "empty": {}});
        assert_eq!(Value::Object(canonical_members(members)), written);
    }

    #[test]
    fn of_two_spellings_the_canonical_one_counts() {
        for given in [json!({"Colour": 1, "colour": 2}), json!({"colour": 2, "zColour": 0, "COLOUR": 1})] {
            let Value::Object(members) = &given else { unreachable!() };
            assert_eq!(canonical_members(members)["colour"], 2);
        }
    }
}
