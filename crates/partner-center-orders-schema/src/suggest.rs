//! Guesses at what was meant.

/// The candidate that is most like the name, if any is near.
pub(crate) fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let plain = letters(name);
    candidates
        .into_iter()
        .map(|candidate| (likeness(&plain, &letters(candidate)), candidate))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .max_by_key(|(likeness, _)| *likeness)
        .map(|(_, candidate)| candidate)
}

/// From which likeness on, in thousandths, two names are near.
const NEAR: usize = 750;

/// Names longer than this are compared by their beginnings, so that no payload can make guessing slow.
const LONGEST: usize = 64;

/// Lower case, without what only separates words.
fn letters(name: &str) -> Vec<char> {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .map(|letter| letter.to_ascii_lowercase())
        .take(LONGEST)
        .collect()
}

/// The share of letters, in thousandths, that both have in the same order.
fn likeness(one: &[char], other: &[char]) -> usize {
    if one.is_empty() || other.is_empty() {
        return 0;
    }
    let mut common = vec![0_usize; other.len() + 1];
    for letter in one {
        let mut diagonal = 0;
        for (at, candidate) in other.iter().enumerate() {
            let above = common[at + 1];
            common[at + 1] = if letter == candidate { diagonal + 1 } else { above.max(common[at]) };
            diagonal = above;
        }
    }
    2000 * common[other.len()] / (one.len() + other.len())
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_misses_are_seen_through() {
        let members = ["catalogItemId", "creationTimestamp", "lineItems", "quantity", "id", "billingCycle"];
        for (name, meant) in [
            ("catalogId", "catalogItemId"),
            ("creationTimeStamp", "creationTimestamp"),
            ("LINEITEMS", "lineItems"),
            ("line_items", "lineItems"),
            ("quantitiy", "quantity"),
            ("billing-cycle", "billingCycle"),
        ] {
            assert_eq!(nearest(name, members), Some(meant), "{name}");
        }
    }

    #[test]
    fn strangers_are_left_alone() {
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
