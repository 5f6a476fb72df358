//! The members that must be readable (`x-critical`).

use std::collections::BTreeSet;

use serde_json::Value;

const CRITICAL: &str = "x-critical";

/// The critical members of a contract. A member is critical as well if its type has one: an object without its price is no
/// more readable than the price.
pub struct Critical<'a> {
    contract: &'a Value,
}

impl<'a> Critical<'a> {
    /// Those of this contract.
    pub const fn of(contract: &'a Value) -> Self {
        Self { contract }
    }

    /// Whether a value of another type for this member of a named schema is an error. A member that isn't found is critical.
    pub fn is_critical(&self, schema: &str, member: &str) -> bool {
        let member = self.schema(schema).and_then(|schema| self.member(schema, member, &mut BTreeSet::new()));
        member.is_none_or(|member| self.holds_critical(member, &mut BTreeSet::new()))
    }

    fn schema(&self, name: &str) -> Option<&'a Value> {
        self.contract.get("components")?.get("schemas")?.get(name)
    }

    fn named(&self, schema: &'a Value) -> Option<(&'a str, &'a Value)> {
        let name = schema.get("$ref")?.as_str()?.strip_prefix("#/components/schemas/")?;
        Some((name, self.schema(name)?))
    }

    /// The member of a schema, or of one that it is composed of.
    fn member(&self, schema: &'a Value, name: &str, seen: &mut BTreeSet<&'a str>) -> Option<&'a Value> {
        if let Some((target, schema)) = self.named(schema) {
            return if seen.insert(target) { self.member(schema, name, seen) } else { None };
        }
        let own = schema.get("properties").and_then(|properties| properties.get(name));
        own.or_else(|| branches(schema).find_map(|branch| self.member(branch, name, seen)))
    }

    fn holds_critical(&self, schema: &'a Value, seen: &mut BTreeSet<&'a str>) -> bool {
        if let Some((name, schema)) = self.named(schema) {
            return seen.insert(name) && self.holds_critical(schema, seen);
        }
        let members =
            schema.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(_, member)| member);
        let elements = ["items", "additionalProperties"].into_iter().filter_map(|key| schema.get(key));
        schema.get(CRITICAL) == Some(&Value::Bool(true))
            || members.chain(elements).chain(branches(schema)).any(|inner| self.holds_critical(inner, seen))
    }
}

fn branches(schema: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|key| schema.get(key)?.as_array());
    lists.flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Critical;

    #[test]
    fn a_member_is_critical_if_it_is_marked_or_holds_one_that_is() {
        let contract = json!({ "components": { "schemas": {
            "Order": { "properties": {
                "note": { "type": "string" },
                "price": { "x-critical": true, "type": "number" },
                "lines": { "type": "array", "items": { "$ref": "#/components/schemas/Line" } },
                "links": { "allOf": [{ "$ref": "#/components/schemas/Links" }] },
                "client": { "type": "object", "additionalProperties": { "type": "string" } },
            } },
            "Line": { "properties": {
                "quantity": { "x-critical": true }, "addOns": { "items": { "$ref": "#/components/schemas/Line" } },
            } },
            "Links": { "properties": { "self": {}, "first": { "$ref": "#/components/schemas/Links" } } },
            "Patch": { "allOf": [{ "$ref": "#/components/schemas/Order" }, { "properties": { "new": {} } }] },
        } } });
        let critical = Critical::of(&contract);
        for (schema, member, is_critical) in [
            ("Order", "note", false),
            ("Order", "price", true),
            ("Order", "lines", true),
            ("Order", "links", false),
            ("Order", "client", false),
            ("Line", "addOns", true),
            ("Patch", "price", true),
            ("Patch", "new", false),
            ("Links", "first", false),
            ("Order", "unknown", true),
            ("Unknown", "note", true),
        ] {
            assert_eq!(critical.is_critical(schema, member), is_critical, "{schema}.{member}");
        }
    }
}
