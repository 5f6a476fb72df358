//! Names as progenitor and typify make them, so that clashes are seen before they are generated.

use heck::{ToPascalCase, ToSnakeCase};

/// The name of a method, parameter or member in Rust.
pub(crate) fn snake(name: &str) -> String {
    identifier(name, "x", str::to_snake_case)
}

/// The name of a type or a variant in Rust.
pub(crate) fn pascal(name: &str) -> String {
    identifier(name, "X", str::to_pascal_case)
}

fn identifier(name: &str, prefix: &str, case: impl Fn(&str) -> String) -> String {
    let cased = match name {
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        _ => case(&name.replace('\'', "").replace(|letter: char| !unicode_ident::is_xid_continue(letter), "-")),
    };
    let name = match cased.chars().next() {
        None => prefix.to_owned(),
        Some(first) if unicode_ident::is_xid_start(first) => cased,
        Some(_) => format!("{prefix}{cased}"),
    };
    // Keywords get an underscore behind them.
    if syn::parse_str::<syn::Ident>(&name).is_ok() { name } else { name + "_" }
}

/// The candidate that a misspelt word was most likely meant to be.
pub(super) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters must be added, taken out, replaced or swapped with a neighbour.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut second_previous = Vec::new();
    let mut previous: Vec<usize> = (0..=right.len()).collect();
    for (row, letter) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in right.iter().enumerate() {
            let mut least = (previous[column] + usize::from(letter != other))
                .min(previous[column + 1] + 1)
                .min(current[column] + 1);
            if row > 0 && column > 0 && *letter == right[column - 1] && left[row - 1] == *other {
                let swapped: &Vec<usize> = &second_previous;
                least = least.min(swapped[column - 1] + 1);
            }
            current.push(least);
        }
        second_previous = std::mem::replace(&mut previous, current);
    }
    previous[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cased_as_the_generator_does() {
        assert_eq!(snake("MS-RequestId"), "ms_request_id");
        assert_eq!(snake("@odata.type"), "odata_type");
        assert_eq!(snake("2nd"), "x2nd");
        assert_eq!(snake("type"), "type_");
        assert_eq!(pascal("self"), "Self_");
        assert_eq!(pascal("one_time"), "OneTime");
        assert_eq!(pascal(""), "X");
        assert_eq!(pascal("-1"), "minus1");
    }

    #[test]
    fn a_typo_finds_the_word_that_was_meant() {
        let words = ["required", "readOnly", "properties", "pattern"];
        assert_eq!(nearest("requred", words), Some("required"));
        assert_eq!(nearest("proprties", words), Some("properties"));
        assert_eq!(nearest("readonly", words), Some("readOnly"));
        assert_eq!(nearest("patern", words), Some("pattern"));
        assert_eq!(nearest("banana", words), None);
    }
}
