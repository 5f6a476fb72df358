//! Dates with time, the contract's `date-time`.

/// How far a text is a date with time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateText {
    /// A date of RFC 3339.
    Complete,
    /// The same without an offset, so that it doesn't identify a moment.
    WithoutOffset,
    /// Not a date.
    Unreadable,
}

/// Parses a date of RFC 3339, with any number of fraction digits and `t` and `z` in either case.
pub(crate) fn read(text: &[u8]) -> DateText {
    parse(text).unwrap_or(DateText::Unreadable)
}

fn parse(text: &[u8]) -> Option<DateText> {
    let (date, rest) = text.split_at_checked(10)?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *date else { return None };
    let year = 100 * two(y1, y2)? + two(y3, y4)?;
    let (month, day) = (two(m1, m2)?, two(d1, d2)?);
    if day == 0 || day > days(year, month)? {
        return None;
    }
    let (time, rest) = rest.split_at_checked(9)?;
    let [b'T' | b't', h1, h2, b':', n1, n2, b':', s1, s2] = *time else { return None };
    let (hour, minute, second) = (two(h1, h2)?, two(n1, n2)?, two(s1, s2)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let rest = match rest.strip_prefix(b".") {
        None => rest,
        Some(fraction) => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            &fraction[digits..]
        }
    };
    let offset = match *rest {
        [] => return (second < 60).then_some(DateText::WithoutOffset),
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (two(h1, h2)?, two(m1, m2)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let offset = i32::from(60 * hours + minutes);
            if sign == b'-' { -offset } else { offset }
        }
        _ => return None,
    };
    // A leap second is the last of a day in UTC.
    let minute_of_day = (i32::from(60 * hour + minute) - offset).rem_euclid(24 * 60);
    (second < 60 || minute_of_day == 24 * 60 - 1).then_some(DateText::Complete)
}

fn two(tens: u8, ones: u8) -> Option<u16> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| u16::from(tens - b'0') * 10 + u16::from(ones - b'0'))
}

fn days(year: u16, month: u16) -> Option<u16> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if leap => Some(29),
        2 => Some(28),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{DateText, read};

    #[test]
    fn every_format_of_the_service_is_complete() {
        for text in [
            "2018-03-15T17:15:02.3840528Z",
            "2015-10-08T10:42:36.54-07:00",
            "2019-01-16T00:48:44.76+00:00",
            "2017-06-01T00:00:00Z",
            "9999-12-04T00:00:00Z",
            "2020-02-29T23:59:60Z",
            "2020-06-30T16:59:60.5-07:00",
            "2018-03-15t17:15:02z",
        ] {
            assert_eq!(read(text.as_bytes()), DateText::Complete, "{text}");
        }
    }

    #[test]
    fn a_date_without_offset_is_not_an_unreadable_one() {
        for text in ["0001-01-01T00:00:00", "2018-03-15T17:15:02.38"] {
            assert_eq!(read(text.as_bytes()), DateText::WithoutOffset, "{text}");
        }
        for text in [
            "2015-10-08T10: 42: 36.54-07: 00",
            "2018-02-29T00:00:00Z",
            "2018-13-01T00:00:00Z",
            "2018-03-15",
            "2018-03-15T24:00:00Z",
            "2018-03-15T17:15:02.Z",
            "2018-03-15T17:15:02+0700",
            "2018-03-15T17:15:60Z",
            "2018-03-15T17:15:60",
            "yesterday",
            "",
            "２018-03-15T17:15:02Z",
        ] {
            assert_eq!(read(text.as_bytes()), DateText::Unreadable, "{text}");
        }
    }
}
