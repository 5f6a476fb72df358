//! The exact value of a number.

/// A number's value, equal to another's if it is the same, whatever the spelling.
#[derive(Debug, PartialEq)]
pub(super) enum Exact<'a> {
    Zero,
    /// The digits without zeros at either end, and the power of ten that they are multiplied by.
    Digits {
        is_negative: bool,
        digits: String,
        exponent: i128,
    },
    /// Its exponent has some forty digits: only its spelling is compared.
    Beyond(&'a str),
}

impl<'a> Exact<'a> {
    /// The value of a JSON number.
    pub(super) fn of(spelling: &'a str) -> Self {
        let (is_negative, number) = match spelling.strip_prefix('-') {
            Some(number) => (true, number),
            None => (false, spelling),
        };
        let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        let significant = digits.trim_end_matches('0');
        let zeros = digits.len() - significant.len();
        let significant = significant.trim_start_matches('0');
        if significant.is_empty() {
            return Self::Zero;
        }
        let shift = i128::try_from(zeros).ok().zip(i128::try_from(fraction.len()).ok());
        let exponent = exponent.parse::<i128>().ok().zip(shift);
        match exponent.and_then(|(exponent, (zeros, places))| exponent.checked_add(zeros - places)) {
            Some(exponent) => Self::Digits { is_negative, digits: significant.to_owned(), exponent },
            None => Self::Beyond(spelling),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Exact;

    #[test]
    fn a_value_has_many_spellings() {
        for spellings in [
            &["1", "1.0", "1e0", "10e-1", "0.1E1", "0.01e+2", "1.000", "1e-0"] as &[_],
            &["0", "-0", "0.0", "0e5", "-0.00E-7", "0e99999999999999999999999999999999999999999999"],
            &["-120", "-1.2e2", "-12e+1", "-0.00012e6"],
            &["1e400", "10e399", "0.1e401"],
            &["1e-99999999999999999999", "10e-100000000000000000000"],
        ] {
            for spelling in spellings {
                assert_eq!(Exact::of(spelling), Exact::of(spellings[0]), "{spelling}");
            }
        }
    }

    #[test]
    fn values_that_floats_take_for_one_differ() {
        for (one, other) in [
            ("9007199254740993", "9007199254740992"),
            ("0.1", "0.1000000000000000000001"),
            ("1e400", "1e401"),
            ("1", "-1"),
            ("1", "10"),
            ("101", "11"),
            ("1e170141183460469231731687303715884105728", "1e170141183460469231731687303715884105729"),
        ] {
            assert_ne!(Exact::of(one), Exact::of(other), "{one} {other}");
        }
    }
}
