//! Properties of a number, from its text.

use crate::cursor::Number;
use crate::shape::Bounds;

impl Number<'_> {
    fn as_f64(&self) -> f64 {
        // Every JSON number parses as a double; beyond the range as infinity.
        std::str::from_utf8(self.raw).ok().and_then(|text| text.parse().ok()).unwrap_or(f64::INFINITY)
    }

    /// Whether it is in the range of a double. Readers differ in how they take larger ones.
    pub(crate) fn is_finite(&self) -> bool {
        self.small.is_some() || self.as_f64().is_finite()
    }

    /// Whether its value is an integer, however it is written; exact for any length.
    pub(crate) fn is_whole(&self) -> bool {
        if self.small.is_some() {
            return true;
        }
        let unsigned = self.raw.strip_prefix(b"-").unwrap_or(self.raw);
        let (mantissa, exponent) = match unsigned.iter().position(|byte| matches!(byte, b'e' | b'E')) {
            Some(at) => (&unsigned[..at], exponent(&unsigned[at + 1..])),
            None => (unsigned, 0),
        };
        let (whole, fraction) = match mantissa.iter().position(|byte| *byte == b'.') {
            Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
            None => (mantissa, &[][..]),
        };
        let trailing_zeros = |digits: &[u8]| digits.iter().rev().take_while(|digit| **digit == b'0').count();
        let fraction = &fraction[..fraction.len() - trailing_zeros(fraction)];
        let needed = if fraction.is_empty() {
            let zeros = trailing_zeros(whole);
            if zeros == whole.len() {
                return true;
            }
            -i64::try_from(zeros).unwrap_or(i64::MAX)
        } else {
            i64::try_from(fraction.len()).unwrap_or(i64::MAX)
        };
        exponent >= needed
    }

    /// Whether it is within the bounds.
    pub(crate) fn is_within(&self, bounds: &Bounds) -> bool {
        match self.small {
            Some(value) => (bounds.least..=bounds.most).contains(&value),
            None => lies_within(self.as_f64(), bounds),
        }
    }
}

/// Whether a double is within the bounds.
#[expect(clippy::cast_precision_loss, reason = "the contract's bounds fit 32 bits; larger ones may be off by rounding")]
pub(crate) fn lies_within(value: f64, bounds: &Bounds) -> bool {
    value >= bounds.least as f64 && value <= bounds.most as f64
}

/// Returns the value of an exponent, saturated.
fn exponent(text: &[u8]) -> i64 {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    let value = digits
        .iter()
        .fold(0_i64, |value, digit| value.saturating_mul(10).saturating_add(i64::from(digit.saturating_sub(b'0'))));
    if negative { -value } else { value }
}

#[cfg(test)]
mod tests {
    use crate::cursor::{Cursor, Number};
    use crate::shape::Bounds;

    fn number(text: &str) -> Number<'_> {
        Cursor::new(text.as_bytes(), 0).number().expect("a JSON number")
    }

    #[test]
    fn is_whole_depends_on_the_value_and_not_on_the_notation() {
        for whole in ["0", "-0", "5", "5.0", "5.000", "50e-1", "0.5e1", "1E2", "-1.25e2", "0e-9", "0.0", "1e400"] {
            assert!(number(whole).is_whole(), "{whole}");
        }
        for fraction in ["0.5", "5e-1", "1.25e1", "12345678901234567890.1", "1e-99999999999999999999"] {
            assert!(!number(fraction).is_whole(), "{fraction}");
        }
    }

    #[test]
    fn numbers_beyond_a_double_are_not_finite() {
        assert!(number("1e308").is_finite());
        assert!(number("123456789012345678901234567890").is_finite());
        assert!(!number("1e309").is_finite());
        assert!(!number("-1e99999999999999999999").is_finite());
    }

    #[test]
    fn bounds_hold_for_every_notation() {
        let bounds = Bounds { least: 0, most: 2_147_483_647 };
        for within in ["0", "2147483647", "2147483647.0", "2.147483647e9", "-0"] {
            assert!(number(within).is_within(&bounds), "{within}");
        }
        for beyond in ["-1", "2147483648", "99999999999999999999", "1e10", "-0.5"] {
            assert!(!number(beyond).is_within(&bounds), "{beyond}");
        }
    }
}
