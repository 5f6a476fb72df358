//! Date formats of the service.

use chrono::{DateTime, Datelike, Duration, FixedOffset, Months, NaiveDate, TimeDelta, Utc, Weekday};

/// Formats a modern date: UTC with a `Z`, up to seven fraction digits, without trailing zeros.
pub(crate) fn modern(at: DateTime<Utc>) -> String {
    let seconds = at.format("%Y-%m-%dT%H:%M:%S");
    format!("{seconds}{}Z", fraction(at, 7))
}

/// Formats a legacy date: Pacific time with its offset, up to three fraction digits.
pub(crate) fn legacy(at: DateTime<Utc>) -> String {
    let hours = if is_pacific_summer(at) { -7 } else { -8 };
    match FixedOffset::east_opt(hours * 3600) {
        Some(offset) => {
            let local = at.with_timezone(&offset);
            format!("{}{}{}", local.format("%Y-%m-%dT%H:%M:%S"), fraction(at, 3), local.format("%:z"))
        }
        None => modern(at),
    }
}

/// Formats the date of an Azure order from a cart: `+00:00`, up to two fraction digits.
pub(crate) fn azure(at: DateTime<Utc>) -> String {
    format!("{}{}+00:00", at.format("%Y-%m-%dT%H:%M:%S"), fraction(at, 2))
}

/// Formats the beginning of the day, as in effective dates.
pub(crate) fn midnight(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT00:00:00Z").to_string()
}

/// Formats a date for an HTTP header.
pub(crate) fn http(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Formats a date of the identity platform: a space instead of `T`.
pub(crate) fn identity_platform(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// Parses a date of any format. One without an offset is UTC; spaces are ignored.
pub(crate) fn read(text: &str) -> Option<DateTime<Utc>> {
    let text: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    DateTime::parse_from_rfc3339(&text)
        .map(|date| date.with_timezone(&Utc))
        .or_else(|_| chrono::NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f").map(|date| date.and_utc()))
        .ok()
}

fn fraction(at: DateTime<Utc>, digits: usize) -> String {
    let nanoseconds = format!("{:09}", at.timestamp_subsec_nanos() % 1_000_000_000);
    let kept = nanoseconds[..digits].trim_end_matches('0');
    if kept.is_empty() { String::new() } else { format!(".{kept}") }
}

/// Whether it is daylight saving time on the Pacific coast of the United States: from 2 o'clock on the second Sunday of
/// March to 2 o'clock on the first Sunday of November, local time.
fn is_pacific_summer(at: DateTime<Utc>) -> bool {
    let sunday = |month, nth| NaiveDate::from_weekday_of_month_opt(at.year(), month, Weekday::Sun, nth);
    let (Some(begin), Some(end)) = (sunday(3, 2), sunday(11, 1)) else { return false };
    let begin = begin.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::hours(10);
    let end = end.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::hours(9);
    (begin..end).contains(&at)
}

/// Formats the last second of the day, as in the end of a new-commerce term.
pub(crate) fn end_of_day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT23:59:59Z").to_string()
}

/// Returns the end of a term of this ISO 8601 duration (`P1M`, `P1Y`, `P3Y`).
pub(crate) fn after_term(start: DateTime<Utc>, term: &str) -> Option<DateTime<Utc>> {
    match (months(term), count_and_unit(term)?) {
        (Some(months), _) => start.checked_add_months(Months::new(months)),
        (None, (count, "D")) => start.checked_add_signed(Duration::days(i64::from(count))),
        (None, _) => None,
    }
}

/// Returns the length of a term in months; `None` if it is not a number of months or years.
pub(crate) fn months(term: &str) -> Option<u32> {
    match count_and_unit(term)? {
        (count, "M") => Some(count),
        (count, "Y") => count.checked_mul(12),
        _ => None,
    }
}

fn count_and_unit(term: &str) -> Option<(u32, &str)> {
    let rest = term.strip_prefix('P')?;
    let (count, unit) = rest.split_at_checked(rest.len().checked_sub(1)?)?;
    Some((count.parse().ok()?, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn modern_dates_have_up_to_seven_digits() {
        assert_eq!(modern(at("2018-03-13T22:49:54.3396949Z")), "2018-03-13T22:49:54.3396949Z");
        assert_eq!(modern(at("2018-03-15T22:30:02.085152Z")), "2018-03-15T22:30:02.085152Z");
        assert_eq!(modern(at("2018-03-15T22:30:02Z")), "2018-03-15T22:30:02Z");
    }

    #[test]
    fn legacy_dates_are_pacific_in_winter_and_summer() {
        assert_eq!(legacy(at("2018-03-07T01:37:05.253Z")), "2018-03-06T17:37:05.253-08:00");
        assert_eq!(legacy(at("2015-10-08T17:42:36.54Z")), "2015-10-08T10:42:36.54-07:00");
    }

    #[test]
    fn azure_dates_have_an_offset_of_zero() {
        assert_eq!(azure(at("2019-01-16T00:48:44.761Z")), "2019-01-16T00:48:44.76+00:00");
    }

    #[test]
    fn dates_are_parsed_with_spaces_and_without_an_offset() {
        assert_eq!(read("2015-10-08T10: 42: 36.54-07: 00"), Some(at("2015-10-08T17:42:36.54Z")));
        assert_eq!(read("0001-01-01T00:00:00"), Some(at("0001-01-01T00:00:00Z")));
        assert_eq!(read("yesterday"), None);
    }

    #[test]
    fn terms_are_counted_in_months() {
        assert_eq!(after_term(at("2022-01-31T00:00:00Z"), "P1M"), Some(at("2022-02-28T00:00:00Z")));
        assert_eq!(after_term(at("2022-01-31T00:00:00Z"), "P3Y"), Some(at("2025-01-31T00:00:00Z")));
        assert_eq!(after_term(at("2022-01-31T00:00:00Z"), ""), None);
        assert_eq!(after_term(at("2022-01-31T00:00:00Z"), "P"), None);
        assert_eq!((months("P1M"), months("P3Y"), months("P7D")), (Some(1), Some(36), None));
    }
}
