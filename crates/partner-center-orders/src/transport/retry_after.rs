use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

/// How long an answer asks to wait: seconds (documented), or a date as HTTP allows it.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(value: &str, now: u64) -> Option<u64> {
        let headers = HeaderMap::from_iter([(header::RETRY_AFTER, value.parse().unwrap())]);
        retry_after(&headers, SystemTime::UNIX_EPOCH + Duration::from_secs(now)).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_are_taken_as_they_are() {
        assert_eq!(asked("57", 0), Some(57));
    }

    #[test]
    fn a_date_is_a_wait_from_now() {
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_770), Some(7));
    }

    #[test]
    fn a_date_in_the_past_is_no_wait() {
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_999), Some(0));
    }

    #[test]
    fn anything_else_says_nothing() {
        assert_eq!(asked("soon", 0), None);
    }
}
