//! The same verdict for a value that is parsed already.

use serde_json::{Map, Number, Value};

use crate::names::Names;
use crate::number::lies_within;
use crate::reading::Reading;
use crate::rules::{self, Fit};
use crate::shape::{Kinds, Members, Others, Shape, Slot};

/// Whether a value is as the slot has it; nesting beyond `levels` is not.
pub(crate) fn fits(slot: &Slot, required: bool, value: &Value, reading: Reading, levels: usize) -> bool {
    let shape = slot.shape;
    if value.is_null() {
        return slot.nullable || shape.kinds.allow(Kinds::NULL) || (!required && reading.null_is_absent());
    }
    if slot.read_only && reading.request() && reading.strict() {
        return false;
    }
    match value {
        Value::Null => false,
        Value::Bool(_) => shape.kinds.allow(Kinds::BOOLEAN),
        Value::Number(number) => number_fits(shape, number),
        Value::String(text) => {
            shape.kinds.allow(Kinds::TEXT)
                && shape.text.as_ref().is_none_or(|rule| rules::text(rule, text.as_bytes(), reading) == Fit::Fits)
        }
        Value::Array(values) => {
            shape.kinds.allow(Kinds::ARRAY)
                && levels > 0
                && match &shape.items {
                    None => values.iter().all(|value| is_shallow(value, levels - 1)),
                    Some(items) => {
                        (items.least..=items.most).contains(&values.len())
                            && values.iter().all(|value| fits(&items.slot, true, value, reading, levels - 1))
                    }
                }
        }
        Value::Object(object) => {
            shape.kinds.allow(Kinds::OBJECT)
                && levels > 0
                && match &shape.members {
                    None => object.values().all(|value| is_shallow(value, levels - 1)),
                    Some(members) => object_fits(members, object, reading, levels - 1),
                }
        }
    }
}

fn number_fits(shape: &Shape, number: &Number) -> bool {
    if let Some(whole) = number.as_i64() {
        return shape.kinds.allow(Kinds::NUMBER.or(Kinds::INTEGER))
            && shape.number.as_ref().is_none_or(|bounds| (bounds.least..=bounds.most).contains(&whole));
    }
    let Some(double) = number.as_f64().filter(|double| double.is_finite()) else { return false };
    let kind = if number.is_u64() || double.fract() == 0.0 { Kinds::INTEGER.or(Kinds::NUMBER) } else { Kinds::NUMBER };
    shape.kinds.allow(kind) && shape.number.as_ref().is_none_or(|bounds| lies_within(double, bounds))
}

fn object_fits(members: &Members, object: &Map<String, Value>, reading: Reading, levels: usize) -> bool {
    let required = if reading.request() { members.required_in_requests } else { members.required_in_responses };
    let mut seen: u64 = 0;
    let mut others = 0_usize;
    for (name, value) in object {
        let found = members.find(name.as_bytes(), reading.request());
        if let Some((place, member)) = found.and_then(|place| Some((place, members.list.get(place)?))) {
            let bit = 1 << place;
            if seen & bit != 0 || !fits(&member.slot, required & bit != 0, value, reading, levels) {
                return false;
            }
            seen |= bit;
            continue;
        }
        others += 1;
        let fits = match &members.others {
            Others::Unknown => !reading.strict() && is_shallow(value, levels),
            Others::Anything => is_shallow(value, levels),
            Others::Each(slot) => fits(slot, false, value, reading, levels),
        };
        if !fits {
            return false;
        }
    }
    required & !seen == 0 && !(reading.request() && others > 1 && has_twins(members, object))
}

/// Whether two names that the shape doesn't list differ in letter case only.
fn has_twins(members: &Members, object: &Map<String, Value>) -> bool {
    let mut names = Names::new(true);
    object.keys().filter(|name| members.find(name.as_bytes(), true).is_none()).any(|name| names.repeats(&name.into()))
}

/// Whether a value that nothing is known about keeps to the limit of nesting.
fn is_shallow(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(values) => levels > 0 && values.iter().all(|value| is_shallow(value, levels - 1)),
        Value::Object(object) => levels > 0 && object.values().all(|value| is_shallow(value, levels - 1)),
        _ => true,
    }
}
