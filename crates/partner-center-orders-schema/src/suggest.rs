//! Suggestions for misspelt names and values.

use strsim::normalized_damerau_levenshtein;

/// The least similarity, from 0 to 1, at which a candidate is suggested.
const SIMILAR: f64 = 0.65;

/// The letters compared of each name, so that a long name in a payload costs little.
const COMPARED: usize = 64;

/// Returns the candidate that is most similar to the name, if any is similar enough.
///
/// Letter case and separators of words don't count.
pub(crate) fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let letters_of_name = letters(name);
    candidates
        .into_iter()
        .map(|candidate| (normalized_damerau_levenshtein(&letters_of_name, &letters(candidate)), candidate))
        .filter(|(similarity, _)| *similarity >= SIMILAR)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

fn letters(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .map(|letter| letter.to_ascii_lowercase())
        .take(COMPARED)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn misspelt_names_are_recognized() {
        let members = ["catalogItemId", "creationTimestamp", "lineItems", "quantity", "id", "billingCycle"];
        for (name, meant) in [
            ("catalogId", "catalogItemId"),
            ("creationTimeStamp", "creationTimestamp"),
            ("LINEITEMS", "lineItems"),
            ("line_items", "lineItems"),
            ("quantitiy", "quantity"),
            ("quantiyt", "quantity"),
            ("billing-cycle", "billingCycle"),
        ] {
            assert_eq!(nearest(name, members), Some(meant), "{name}");
        }
    }

    #[test]
    fn unrelated_names_have_no_suggestion() {
        let members = ["catalogItemId", "lineItems", "quantity", "id"];
        for name in ["color", "", "日本", "x", "totalPrice"] {
            assert_eq!(nearest(name, members), None, "{name}");
        }
    }

    #[test]
    fn a_name_of_any_length_costs_little() {
        let name = "q".repeat(1_000_000);
        assert_eq!(nearest(&name, ["quantity"]), None);
    }
}
