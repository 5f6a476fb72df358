use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

/// Returns the delay that a response asks for: seconds (documented), or a date as HTTP allows it. A date is by the service's
/// clock, so the delay is counted from the response's own date, and from `now` only if it has none.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than can be counted are still a delay.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let sent_at = headers.get(header::DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    Some(date.duration_since(sent_at.unwrap_or(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requested(value: &str, now: u64) -> Option<u64> {
        let headers = HeaderMap::from_iter([(header::RETRY_AFTER, value.parse().unwrap())]);
        retry_after(&headers, SystemTime::UNIX_EPOCH + Duration::from_secs(now)).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_are_returned_unchanged() {
        assert_eq!(requested("57", 0), Some(57));
    }

    #[test]
    fn more_seconds_than_can_be_counted_are_as_many_as_can() {
        assert_eq!(requested("18446744073709551616", 0), Some(u64::MAX));
    }

    #[test]
    fn a_date_is_a_delay_from_now() {
        assert_eq!(requested("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_770), Some(7));
    }

    #[test]
    fn a_date_is_a_delay_from_the_date_of_the_response() {
        let headers = HeaderMap::from_iter([
            (header::RETRY_AFTER, "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap()),
            (header::DATE, "Sun, 06 Nov 1994 08:48:37 GMT".parse().unwrap()),
        ]);
        for clock in [0, 784_111_777 + 120, 784_111_777 - 120] {
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(clock);
            assert_eq!(retry_after(&headers, now), Some(Duration::from_secs(60)), "{clock}");
        }
    }

    #[test]
    fn a_date_in_the_past_is_no_delay() {
        assert_eq!(requested("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_999), Some(0));
    }

    #[test]
    fn anything_else_is_ignored() {
        for value in ["soon", "", "-1", "+1", "1.5"] {
            assert_eq!(requested(value, 0), None, "{value}");
        }
    }
}
