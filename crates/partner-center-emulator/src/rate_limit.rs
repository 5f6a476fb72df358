//! The rate limit: a number of requests per tenant in a sliding window of 60 seconds.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER};
use serde_json::json;

use crate::error_response::ErrorResponse;
use crate::settings::{RetryAfterForm, Settings, ThrottleBody};
use crate::wire::dates;
use crate::wire::response::BufferedResponse;

const WINDOW: TimeDelta = TimeDelta::seconds(60);

/// The times of the tenants' requests, per tenant no more than the limit.
#[derive(Debug, Default)]
pub(crate) struct RateLimit {
    tenants: HashMap<String, VecDeque<DateTime<Utc>>>,
}

impl RateLimit {
    /// Counts a request. Beyond the limit, returns after how many seconds the next one is permitted.
    pub(crate) fn admit(&mut self, tenant: &str, settings: &Settings, now: DateTime<Utc>) -> Result<(), u64> {
        let Ok(limit @ 1..) = usize::try_from(settings.rate) else { return Ok(()) };
        let times = self.tenants.entry(tenant.to_owned()).or_default();
        while times.front().is_some_and(|time| *time + WINDOW <= now) {
            times.pop_front();
        }
        // A clock that was set back leaves times in the future.
        while times.back().is_some_and(|time| *time > now) {
            times.pop_back();
        }
        if times.len() < limit {
            times.push_back(now);
            return Ok(());
        }
        if settings.refused_requests_count {
            times.push_back(now);
        }
        while times.len() > limit {
            times.pop_front();
        }
        let wait = times.front().map_or(WINDOW, |oldest| *oldest + WINDOW - now);
        Err(u64::try_from((wait.num_milliseconds() + 999) / 1000).unwrap_or(1).max(1))
    }
}

/// Returns the response to a request beyond the limit.
pub(crate) fn rejected(wait: u64, settings: &Settings, now: DateTime<Utc>) -> BufferedResponse {
    too_many(settings.throttle_body, settings.retry_after, wait, settings, now)
}

/// Returns a 429 in the given form.
pub(crate) fn too_many(
    body: ThrottleBody,
    retry_after: RetryAfterForm,
    wait: u64,
    settings: &Settings,
    now: DateTime<Utc>,
) -> BufferedResponse {
    let message = format!("Too many requests. Try again in {wait} seconds.");
    let response = match body {
        ThrottleBody::Gateway => {
            BufferedResponse::json(StatusCode::TOO_MANY_REQUESTS, &json!({"statusCode": 429, "message": message}))
        }
        ThrottleBody::Fault => BufferedResponse::error(
            &ErrorResponse::new(StatusCode::TOO_MANY_REQUESTS, 429, message),
            settings.fault_code,
        ),
    };
    with_retry_after(response, retry_after, wait, now)
}

pub(crate) fn with_retry_after(
    response: BufferedResponse,
    form: RetryAfterForm,
    wait: u64,
    now: DateTime<Utc>,
) -> BufferedResponse {
    match form {
        RetryAfterForm::Seconds => response.with_header(RETRY_AFTER, HeaderValue::from(wait)),
        RetryAfterForm::Date => {
            let seconds = i64::try_from(wait).unwrap_or(60);
            // A date has no fraction: round up, so that no client retries too early.
            let until = now + TimeDelta::seconds(seconds) + TimeDelta::milliseconds(999);
            response.with_text_header(RETRY_AFTER, &dates::http(until))
        }
        RetryAfterForm::Absent => response,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(rate: u32) -> Settings {
        Settings { rate, ..Settings::default() }
    }

    fn at(milliseconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::milliseconds(milliseconds)
    }

    #[test]
    fn the_window_slides() {
        let mut rate_limit = RateLimit::default();
        assert_eq!(rate_limit.admit("t", &settings(2), at(0)), Ok(()));
        assert_eq!(rate_limit.admit("t", &settings(2), at(30_500)), Ok(()));
        let uncounted = Settings { refused_requests_count: false, ..settings(2) };
        assert_eq!(rate_limit.admit("t", &uncounted, at(40_000)), Err(20));
        assert_eq!(rate_limit.admit("t", &uncounted, at(60_000)), Ok(()));
        assert_eq!(rate_limit.admit("t", &uncounted, at(60_001)), Err(31));
    }

    #[test]
    fn rejected_requests_count_too() {
        let mut rate_limit = RateLimit::default();
        assert_eq!(rate_limit.admit("t", &settings(1), at(0)), Ok(()));
        assert_eq!(rate_limit.admit("t", &settings(1), at(50_000)), Err(60));
        assert_eq!(rate_limit.admit("t", &settings(1), at(110_000)), Ok(()));
    }

    #[test]
    fn tenants_have_separate_windows_and_0_means_no_limit() {
        let mut rate_limit = RateLimit::default();
        assert_eq!(rate_limit.admit("a", &settings(1), at(0)), Ok(()));
        assert_eq!(rate_limit.admit("b", &settings(1), at(0)), Ok(()));
        assert!((0..1000).all(|_| rate_limit.admit("a", &settings(0), at(0)).is_ok()));
    }
}
