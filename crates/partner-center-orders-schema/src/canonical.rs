//! Member names in the contract's spelling.

use serde_json::{Map, Value};

use crate::schema::Schema;
use crate::shape::{Members, Others, Shape};

impl Schema {
    /// Returns the payload with its member names in the contract's spelling; names match in any letter case, as in requests.
    ///
    /// The service reads requests in this way (documented), and the .NET SDK sends them in `PascalCase`. Members that the
    /// contract doesn't know are unchanged, as is a second member of the same name. For requests, call this on the
    /// [write form](Self::write_form) of a schema.
    ///
    /// ```
    /// use partner_center_orders_schema::Schema;
    /// use serde_json::json;
    ///
    /// let sent = json!({ "LineItems": [{ "OfferId": "MS-AZR-0145P", "Quantity": 1 }], "MyOwn": true });
    /// assert_eq!(
    ///     Schema::ORDER.write_form().canonical_names(sent),
    ///     json!({ "lineItems": [{ "offerId": "MS-AZR-0145P", "quantity": 1 }], "MyOwn": true }),
    /// );
    /// ```
    #[must_use]
    pub fn canonical_names(self, payload: Value) -> Value {
        rename(self.0, payload)
    }
}

fn rename(shape: &Shape, value: Value) -> Value {
    match (value, &shape.items, &shape.members) {
        (Value::Array(values), Some(items), _) => {
            values.into_iter().map(|value| rename(items.slot.shape, value)).collect()
        }
        (Value::Object(object), _, Some(members)) => Value::Object(rename_members(members, object)),
        (other, ..) => other,
    }
}

fn rename_members(members: &Members, object: Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::new();
    let mut other_spellings = Vec::new();
    for (name, value) in object {
        let found = members.find(name.as_bytes(), true, 0).map(|(_, member)| member);
        match (found, &members.others) {
            (Some(member), _) if member.name == name => {
                out.insert(name, rename(member.slot.shape, value));
            }
            (Some(member), _) => other_spellings.push((member, name, value)),
            (None, Others::Each(slot)) => {
                out.insert(name, rename(slot.shape, value));
            }
            (None, Others::Unknown | Others::Anything) => {
                out.insert(name, value);
            }
        }
    }
    // Last, so that a name in the contract's spelling takes precedence.
    for (member, name, value) in other_spellings {
        let name = if out.contains_key(member.name) { name } else { member.name.to_owned() };
        out.insert(name, rename(member.slot.shape, value));
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn order(payload: Value) -> Value {
        Schema::ORDER.write_form().canonical_names(payload)
    }

    #[test]
    fn any_letter_case_matches_at_any_depth() {
        let payload = json!({ "LINEITEMS": [{ "RenewsTo": { "TermDuration": "P1M" } }], "billingcycle": "Monthly" });
        let expected = json!({ "lineItems": [{ "renewsTo": { "termDuration": "P1M" } }], "billingCycle": "Monthly" });
        assert_eq!(order(payload), expected);
    }

    #[test]
    fn canonical_names_are_unchanged() {
        let payload = json!({ "lineItems": [{ "offerId": "o" }], "unknown": { "LineItems": 1 } });
        assert_eq!(order(payload.clone()), payload);
    }

    #[test]
    fn keys_of_a_map_are_unchanged() {
        let payload = json!({ "lineItems": [{ "ProvisioningContext": { "Scope": "shared", "SCOPE": "x" } }] });
        let expected = json!({ "lineItems": [{ "provisioningContext": { "Scope": "shared", "SCOPE": "x" } }] });
        assert_eq!(order(payload), expected);
    }

    #[test]
    fn duplicate_names_lose_nothing() {
        let payload = json!({ "Id": 1, "ID": 2, "id": 3, "LineItems": [], "LINEITEMS": [1] });
        let renamed = order(payload.clone());
        assert_eq!(renamed["id"], 3);
        assert_eq!(renamed.as_object().map(Map::len), payload.as_object().map(Map::len));
        assert_eq!((&renamed["Id"], &renamed["ID"]), (&json!(1), &json!(2)));
    }

    #[test]
    fn values_of_another_type_are_unchanged() {
        for payload in [json!(null), json!([{ "LineItems": 1 }]), json!("LineItems"), json!({ "LineItems": "none" })] {
            let expected = if payload.is_object() { json!({ "lineItems": "none" }) } else { payload.clone() };
            assert_eq!(order(payload), expected);
        }
    }
}
