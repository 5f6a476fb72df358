//! Exact numbers from text.

use rust_decimal::Decimal;

/// The exact value of a number in JSON's grammar, if the text is such a number and a [`Decimal`] can hold it.
pub(super) fn exact(text: &str) -> Option<Decimal> {
    let token = Token::parse(text)?;
    let (mut digits, mut scale) = (format!("{}{}", token.integer, token.fraction), token.fraction.len());
    if digits.bytes().all(|digit| digit == b'0') {
        return Decimal::try_from_i128_with_scale(0, u32::try_from(scale).ok()?.min(Decimal::MAX_SCALE)).ok();
    }
    match token.exponent {
        Exponent::Plus(exponent) => {
            let used = exponent.min(scale);
            scale -= used;
            let zeros = exponent - used;
            if zeros > MOST_DIGITS {
                return None;
            }
            digits.extend(std::iter::repeat_n('0', zeros));
        }
        Exponent::Minus(exponent) => scale = scale.checked_add(exponent)?,
    }
    loop {
        if let Some(decimal) = plain(&digits, scale) {
            return Some(if token.negative { -decimal } else { decimal });
        }
        // One fraction digit fewer changes nothing if it is a zero.
        if scale == 0 || !digits.ends_with('0') {
            return None;
        }
        digits.pop();
        scale -= 1;
    }
}

/// The whole number that the text means: `20000`, but also `20000.0` and `2e4`.
pub(super) fn whole(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| exact(text)?.normalize().to_string().parse().ok())
}

/// The most digits of a `Decimal`.
const MOST_DIGITS: usize = 29;

fn plain(digits: &str, scale: usize) -> Option<Decimal> {
    let scale = u32::try_from(scale).ok()?;
    Decimal::try_from_i128_with_scale(digits.parse().ok()?, scale).ok()
}

struct Token<'a> {
    negative: bool,
    integer: &'a str,
    fraction: &'a str,
    exponent: Exponent,
}

enum Exponent {
    Plus(usize),
    Minus(usize),
}

impl<'a> Token<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (integer, rest) = digits(rest);
        if integer.is_empty() || (integer.len() > 1 && integer.starts_with('0')) {
            return None;
        }
        let (fraction, rest) = match rest.strip_prefix('.') {
            Some(rest) => Some(digits(rest)).filter(|(fraction, _)| !fraction.is_empty())?,
            None => ("", rest),
        };
        let exponent = if rest.is_empty() { Exponent::Plus(0) } else { exponent(rest)? };
        Some(Self { negative, integer, fraction, exponent })
    }
}

fn exponent(text: &str) -> Option<Exponent> {
    let text = text.strip_prefix(['e', 'E'])?;
    let (make, text): (fn(usize) -> Exponent, &str) = match text.strip_prefix('-') {
        Some(text) => (Exponent::Minus, text),
        None => (Exponent::Plus, text.strip_prefix('+').unwrap_or(text)),
    };
    let (number, rest) = digits(text);
    // A decimal can't hold an exponent beyond usize.
    (!number.is_empty() && rest.is_empty()).then(|| make(number.parse().unwrap_or(usize::MAX)))
}

/// The digits that the text begins with, and the rest.
fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}
