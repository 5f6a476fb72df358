//! Billing cycles: their spellings, and the terms that they go with.

use crate::error_response::ErrorResponse;
use crate::state::prices::billed_months;
use crate::wire::dates;
use crate::wire::members::Members;

/// The contract's spellings, at the index of the number of the REST reference's 32-bit type (in the order of its list, with
/// the SDK's addition at the end).
const CYCLES: [&str; 7] = ["unknown", "monthly", "annual", "none", "one_time", "triennial", "biennial"];

/// Parses a billing cycle as the service does: `one_time`, `onetime`, `OneTime`, `4`.
pub(super) fn read(text: &str) -> Option<&'static str> {
    if let Ok(number) = text.parse::<usize>() {
        return CYCLES.get(number).copied();
    }
    let letters = |text: &str| text.chars().filter(|letter| *letter != '_').collect::<String>().to_ascii_lowercase();
    let wanted = letters(text);
    CYCLES.into_iter().find(|cycle| letters(cycle) == wanted)
}

/// Checks that a cycle is no longer than the term, if both are lengths of time. An error names the member of the cycle.
pub(super) fn check_against_term(cycle: &str, term: Option<&str>, members: &Members<'_>) -> Result<(), ErrorResponse> {
    match (billed_months(cycle), term.and_then(dates::months)) {
        (Some(cycle), Some(term)) if cycle > term => Err(ErrorResponse {
            data: vec![members.name("billingCycle")],
            ..ErrorResponse::bad_request(900_270, "The billing cycle can't be longer than the term.")
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_accepted() {
        for text in ["one_time", "onetime", "OneTime", "ONE_TIME", "4"] {
            assert_eq!(read(text), Some("one_time"), "{text}");
        }
        assert_eq!(read("Monthly"), Some("monthly"));
    }

    #[test]
    fn other_texts_are_rejected() {
        for text in ["", "weekly", "7", "-1", "1.0"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
