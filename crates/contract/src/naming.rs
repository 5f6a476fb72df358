//! Names in Rust of what the contract names: as progenitor and typify make them, so that clashes are seen before they are
//! generated, and as the generator's own parts do.

use heck::{ToPascalCase, ToSnakeCase};

/// The name of a method, parameter or member in Rust.
pub fn snake(name: &str) -> String {
    identifier(name, "x", str::to_snake_case)
}

/// The name of a type or a variant in Rust.
pub fn pascal(name: &str) -> String {
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

/// `list_orders` -> `ListOrders`; `idempotent-write` -> `IdempotentWrite`.
pub fn pascal_case(name: &str) -> String {
    name.split(['_', '-'])
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
        })
        .collect()
}

/// `one_time` -> `OneTime`; `License(s)` -> `LicenseS`; `Usage-based` -> `UsageBased`.
pub fn variant_name(value: &str) -> String {
    let name: String = value
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_ascii_uppercase() + rest
        })
        .collect();
    match name.chars().next() {
        None => "Empty".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("Value{name}"),
        Some(_) if name == "Other" || name == "Self" => format!("{name}Value"),
        Some(_) => name,
    }
}

/// The name of a constant for a schema: `OrderLineItem` -> `ORDER_LINE_ITEM`.
pub fn constant(name: &str) -> String {
    words(name).to_ascii_uppercase()
}

/// The words of a name, joined by `_`; a run of capitals stays one word, save its last letter.
///
/// Names that are invalid in Rust become valid: lint reports what is wrong with them, and continues.
fn words(name: &str) -> String {
    let mut letters: Vec<char> =
        name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    if !letters.first().is_some_and(char::is_ascii_alphabetic) {
        letters.insert(0, 'X');
    }
    let mut out = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let starts_word = letter.is_uppercase()
            && at > 0
            && (!letters[at - 1].is_uppercase()
                || (at > 1 && letters.get(at + 1).is_some_and(|next| next.is_lowercase())));
        if starts_word {
            out.push('_');
        }
        out.push(*letter);
    }
    out
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
    fn values_of_any_spelling_make_variants() {
        let values = ["one_time", "License(s)", "Usage-based", "UserPurchase", "365", "", "other"];
        let variants: Vec<String> = values.iter().map(|value| variant_name(value)).collect();
        assert_eq!(variants, ["OneTime", "LicenseS", "UsageBased", "UserPurchase", "Value365", "Empty", "OtherValue"]);
    }

    #[test]
    fn names_become_constants_word_by_word() {
        for (name, expected) in
            [("OrderLineItem", "ORDER_LINE_ITEM"), ("OAuthToken", "OAUTH_TOKEN"), ("Fault", "FAULT")]
        {
            assert_eq!(constant(name), expected);
        }
    }
}
