//! Plain scalars by the core schema of YAML 1.2 (section 10.3.2 of its specification).

use super::node::Value;

/// What a plain scalar means, or `None` for a number that JSON has no way to write.
pub(super) fn resolve(text: &str) -> Option<Value> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_not_finite(text) => return None,
        _ => match integer(text) {
            Some(value) => value,
            None if is_float(text) => float(text)?,
            None => Value::String(text.to_owned()),
        },
    })
}

fn is_not_finite(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

fn integer(text: &str) -> Option<Value> {
    let radix_digits = |prefix: &str, radix: u32| {
        let digits = text.strip_prefix(prefix)?;
        let plain = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
        plain.then(|| i128::from_str_radix(digits, radix).ok().map(Value::Int)).flatten()
    };
    let decimal = || {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        plain.then(|| text.parse().ok().map(Value::Int)).flatten()
    };
    radix_digits("0o", 8).or_else(|| radix_digits("0x", 16)).or_else(decimal)
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_float(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && digits(fraction),
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => !mantissa.is_empty() && digits(mantissa),
    };
    mantissa_fits && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

fn float(text: &str) -> Option<Value> {
    text.parse().ok().filter(|value: &f64| value.is_finite()).map(Value::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    #[test]
    fn words_of_yaml_1_1_are_text() {
        for word in ["yes", "no", "on", "off", "y", "1_000", "0b1", "1:30", "2019-01-01", "<<", "=", "tRue", "nULL"] {
            assert_eq!(resolve(word), Some(string(word)), "{word}");
        }
    }

    #[test]
    fn numbers_follow_the_core_schema() {
        for (text, value) in [
            ("0", Value::Int(0)),
            ("-17", Value::Int(-17)),
            ("+5", Value::Int(5)),
            ("007", Value::Int(7)),
            ("0o17", Value::Int(15)),
            ("0xFF", Value::Int(255)),
            ("18446744073709551616", Value::Int(18_446_744_073_709_551_616)),
            ("1.5", Value::Float(1.5)),
            ("1.", Value::Float(1.0)),
            (".5", Value::Float(0.5)),
            ("-1e3", Value::Float(-1000.0)),
            ("6.0E-2", Value::Float(0.06)),
        ] {
            assert_eq!(resolve(text), Some(value), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_number_is_text() {
        for text in [".", "-", "+", "e5", "1e", "1.2.3", "0x", "0o8", "-0x1", "1e5e5", "--1", ".e1"] {
            assert_eq!(resolve(text), Some(string(text)), "{text}");
        }
    }

    #[test]
    fn numbers_that_json_lacks_have_no_value() {
        for text in [".inf", "-.Inf", ".nan", "1e999"] {
            assert_eq!(resolve(text), None, "{text}");
        }
    }
}
