//! Validation of a parsed value, without findings.

use serde_json::{Map, Number, Value};

use crate::limits::MAX_DEPTH;
use crate::mode::Mode;
use crate::names::Names;
use crate::number::lies_within;
use crate::rules;
use crate::schema::Schema;
use crate::shape::{Items, Kinds, Members, Others, Shape, Slot};

/// Whether a value is a valid payload.
pub(crate) fn is_valid(schema: Schema, value: &Value, mode: Mode) -> bool {
    let quick = match (value, &schema.0.quick) {
        (Value::Object(object), Some(quick)) if !mode.request() => {
            let accept = if mode.strict() { quick.strict } else { quick.lenient };
            accept(object)
        }
        _ => false,
    };
    quick || Walker { mode }.slot(&Slot::new(schema.0, ""), true, value, MAX_DEPTH)
}

struct Walker {
    mode: Mode,
}

impl Walker {
    /// Whether the value is valid there, and nests no deeper than `levels`.
    fn slot(&self, slot: &Slot, required: bool, value: &Value, levels: usize) -> bool {
        let shape = slot.shape;
        if slot.read_only && self.mode.request() && self.mode.strict() && !value.is_null() {
            return false;
        }
        match value {
            Value::Null => slot.nullable || shape.kinds.allow(Kinds::NULL) || (!required && self.mode.null_is_absent()),
            Value::Bool(_) => shape.kinds.allow(Kinds::BOOLEAN),
            Value::Number(number) => allows_number(shape, number),
            Value::String(text) => {
                let rule = shape.text.as_ref();
                shape.kinds.allow(Kinds::TEXT)
                    && rule.is_none_or(|rule| rules::text(rule, text.as_bytes(), self.mode).is_ok())
            }
            Value::Array(values) => {
                shape.kinds.allow(Kinds::ARRAY)
                    && shape.items.as_ref().is_none_or(|items| self.array(items, values, levels))
            }
            Value::Object(object) => {
                shape.kinds.allow(Kinds::OBJECT)
                    && shape.members.as_ref().is_none_or(|members| self.object(members, object, levels))
            }
        }
    }

    fn array(&self, items: &Items, values: &[Value], levels: usize) -> bool {
        let Some(levels) = levels.checked_sub(1) else { return false };
        (items.least..=items.most).contains(&values.len())
            && values.iter().all(|value| self.slot(&items.slot, true, value, levels))
    }

    fn object(&self, members: &Members, object: &Map<String, Value>, levels: usize) -> bool {
        let Some(levels) = levels.checked_sub(1) else { return false };
        let any_case = self.mode.request();
        let required = if any_case { members.required_in_requests } else { members.required_in_responses };
        let mut seen: u64 = 0;
        let mut others = 0_usize;
        let mut next = 0;
        for (name, value) in object {
            let valid = if let Some((index, member)) = members.find(name.as_bytes(), any_case, next) {
                next = index + 1;
                let bit = 1 << index;
                let first = seen & bit == 0;
                seen |= bit;
                first && self.slot(&member.slot, required & bit != 0, value, levels)
            } else {
                others += 1;
                match &members.others {
                    Others::Unknown => !self.mode.strict(),
                    Others::Anything => true,
                    Others::Each(slot) => self.slot(slot, true, value, levels),
                }
            };
            if !valid {
                return false;
            }
        }
        required & !seen == 0 && !(any_case && others > 1 && repeats_in_any_case(members, object))
    }
}

fn allows_number(shape: &Shape, number: &Number) -> bool {
    if let Some(whole) = number.as_i64() {
        return shape.kinds.allow(Kinds::NUMBER.or(Kinds::INTEGER))
            && shape.number.as_ref().is_none_or(|bounds| (bounds.least..=bounds.most).contains(&whole));
    }
    let Some(double) = number.as_f64().filter(|double| double.is_finite()) else { return false };
    let kind = if number.is_u64() || double.fract() == 0.0 { Kinds::INTEGER.or(Kinds::NUMBER) } else { Kinds::NUMBER };
    shape.kinds.allow(kind) && shape.number.as_ref().is_none_or(|bounds| lies_within(double, bounds))
}

/// Whether two unlisted names differ in letter case only.
fn repeats_in_any_case(members: &Members, object: &Map<String, Value>) -> bool {
    let mut names = Names::new(true);
    object
        .keys()
        .filter(|name| members.find(name.as_bytes(), true, 0).is_none())
        .any(|name| names.repeats(&name.into()))
}
