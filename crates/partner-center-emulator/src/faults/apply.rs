//! Applying faults to responses.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use super::kind::FaultKind;
use crate::random::Random;
use crate::wire::response::BufferedResponse;

/// Applies a fault to a response.
pub(crate) fn apply(fault: &FaultKind, response: BufferedResponse, random: &mut Random) -> BufferedResponse {
    match fault {
        FaultKind::Truncate { keep } => {
            let keep = keep.unwrap_or(response.content.len() / 2).min(response.content.len());
            BufferedResponse { content: response.content.slice(..keep), ..response }
        }
        FaultKind::Garble => {
            let garbled: Vec<u8> = response
                .content
                .iter()
                .map(|byte| if random.chance(0.2) { u8::try_from(random.below(256)).unwrap_or(0) } else { *byte })
                .collect();
            BufferedResponse { content: garbled.into(), ..response }
        }
        FaultKind::EmptyBody => BufferedResponse { content: Bytes::new(), is_api_json: false, ..response },
        FaultKind::ContentType { value } => match HeaderValue::from_str(value) {
            Ok(value) => response.with_header(CONTENT_TYPE, value),
            Err(_) => response,
        },
        FaultKind::UnknownEnum => with_json(response, &mut |members| {
            for name in ["status", "billingCycle", "transactionType", "unitType", "billingType", "contractType"] {
                if let Some(Value::String(text)) = members.get_mut(name) {
                    *text = format!("{text}_of_tomorrow");
                }
            }
        }),
        FaultKind::UnknownMember => with_json(response, &mut |members| {
            members.insert("memberOfTomorrow".to_owned(), serde_json::json!({"isNew": true, "levels": [1, 2.5, null]}));
        }),
        FaultKind::Nulls => with_json(response, &mut |members| {
            for name in ["links", "friendlyName", "currencyCode", "currencySymbol", "attributes", "headers", "client"] {
                if let Some(value) = members.get_mut(name) {
                    *value = Value::Null;
                }
            }
        }),
        FaultKind::DuplicateMember => with_duplicate_member(response),
        _ => response,
    }
}

/// Changes every object of a JSON response.
fn with_json(response: BufferedResponse, change: &mut impl FnMut(&mut Map<String, Value>)) -> BufferedResponse {
    let Ok(mut body) = serde_json::from_slice::<Value>(&response.content) else { return response };
    walk(&mut body, change);
    match serde_json::to_vec(&body) {
        Ok(json) => BufferedResponse { content: json.into(), ..response },
        Err(_) => response,
    }
}

fn walk(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(|value| walk(value, change));
            change(members);
        }
        Value::Array(items) => items.iter_mut().for_each(|value| walk(value, change)),
        _ => {}
    }
}

/// Writes the first member of the outermost object twice.
fn with_duplicate_member(response: BufferedResponse) -> BufferedResponse {
    let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(&response.content) else { return response };
    let Some((name, value)) = members.iter().next() else { return response };
    let first = format!("{{{}:{value},", Value::String(name.clone()));
    let mut twice = first.into_bytes();
    twice.extend_from_slice(response.content.get(1..).unwrap_or_default());
    BufferedResponse { content: twice.into(), ..response }
}

/// Returns the error page of a gateway.
pub(crate) fn gateway_page(status: u16) -> BufferedResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let reason = status.canonical_reason().unwrap_or("Error");
    let page = format!(
        "<html><head><title>{code} {reason}</title></head><body><h1>{code} {reason}</h1><hr>gateway</body></html>",
        code = status.as_u16()
    );
    BufferedResponse { headers: HeaderMap::new(), ..BufferedResponse::text(status, "text/html", page) }
        .with_header(CONTENT_TYPE, HeaderValue::from_static("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_member_is_duplicated() {
        let response = BufferedResponse::json(StatusCode::OK, &serde_json::json!({"id": "x"}));
        let doubled = apply(&FaultKind::DuplicateMember, response, &mut Random::new(1));
        assert_eq!(&doubled.content[..], br#"{"id":"x","id":"x"}"#);
    }
}
