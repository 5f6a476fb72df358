//! How errors inside of successful responses are displayed: those of cart lines and of order groups.

use std::fmt;

use crate::runtime::Escaped;
use crate::types::{CartError, OrderError};
use crate::wire::{CartFaultCode, FaultCode};

/// The code and the description, or the code's meaning where there is none; control characters are escaped.
///
/// ```
/// use partner_center_orders_api::types::CartError;
///
/// let error: CartError = serde_json::from_str(r#"{"errorCode":10001,"errorDescription":"No such item."}"#)?;
/// assert_eq!(error.to_string(), "code 10001: No such item.");
/// # Ok::<(), serde_json::Error>(())
/// ```
impl fmt::Display for CartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let meaning = || self.error_code.as_ref()?.error_code()?.meaning();
        let code = self.error_code.as_ref().map(CartFaultCode::as_text);
        write(f, code.as_deref(), self.error_description.as_deref().or_else(meaning))
    }
}

/// The order group, the code and the description, or the code's meaning where there is none; control characters are escaped.
///
/// ```
/// use partner_center_orders_api::types::OrderError;
///
/// let error: OrderError = serde_json::from_str(r#"{"orderGroupId":"1","code":800013,"description":"No."}"#)?;
/// assert_eq!(error.to_string(), "order group 1: code 800013: No.");
/// # Ok::<(), serde_json::Error>(())
/// ```
impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(group) = &self.order_group_id {
            write!(f, "order group {}: ", Escaped(group))?;
        }
        let meaning = || self.code.as_ref()?.error_code()?.meaning();
        let code = self.code.as_ref().map(FaultCode::as_text);
        write(f, code.as_deref(), self.description.as_deref().or_else(meaning))
    }
}

fn write(f: &mut fmt::Formatter<'_>, code: Option<&str>, description: Option<&str>) -> fmt::Result {
    match (code, description) {
        (Some(code), Some(description)) => write!(f, "code {}: {}", Escaped(code), Escaped(description)),
        (Some(code), None) => write!(f, "code {}", Escaped(code)),
        (None, Some(description)) => write!(f, "{}", Escaped(description)),
        (None, None) => f.write_str("no code or description"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cart_error(json: serde_json::Value) -> String {
        serde_json::from_value::<CartError>(json).unwrap().to_string()
    }

    fn order_error(json: serde_json::Value) -> String {
        serde_json::from_value::<OrderError>(json).unwrap().to_string()
    }

    #[test]
    fn the_meaning_of_the_code_takes_the_place_of_a_missing_description() {
        assert_eq!(
            cart_error(serde_json::json!({"errorCode": 10001})),
            "code 10001: The catalog item id is not valid."
        );
        assert_eq!(cart_error(serde_json::json!({"errorCode": "unheard_of"})), "code unheard_of");
        assert_eq!(cart_error(serde_json::json!({"errorDescription": "No."})), "No.");
        assert_eq!(cart_error(serde_json::json!({})), "no code or description");
        let inactive = serde_json::json!({"code": "800012"});
        assert_eq!(order_error(inactive), "code 800012: The subscription is not active.");
    }

    #[test]
    fn control_characters_are_escaped() {
        let hostile = "a\u{1b}[2Jb";
        let cart = cart_error(serde_json::json!({"errorCode": hostile, "errorDescription": hostile}));
        assert_eq!(cart.matches("a\\u{1b}[2Jb").count(), 2, "{cart:?}");
        let order = order_error(serde_json::json!({"orderGroupId": hostile, "code": hostile, "description": hostile}));
        assert_eq!(order.matches("a\\u{1b}[2Jb").count(), 3, "{order:?}");
    }
}
