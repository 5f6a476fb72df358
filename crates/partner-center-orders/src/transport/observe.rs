//! Spans and events, named as OpenTelemetry's conventions for HTTP clients name them.
//!
//! The customer's id is part of every path, so URLs are logged at debug level only, and spans hold the template. Bodies are
//! logged at trace level if the client was built with `trace_bodies`, and activation links never.

use std::time::Duration;

use http::StatusCode;
use partner_center_orders_api::Operation;
use partner_center_orders_api::runtime::{Escaped, RawResponse, TransportError, TransportErrorKind};
use tracing::Span;
use tracing::field::Empty;
use url::Url;

use super::headers::Ids;
use crate::activation::responds_with_links;

/// The span of a call, over all its attempts.
pub(super) fn call_span(operation: Operation, ids: Ids) -> Span {
    tracing::info_span!(
        "partner_center.call",
        otel.name = operation.id(),
        otel.kind = "internal",
        otel.status_code = Empty,
        operation = operation.id(),
        partner_center.request_id = %ids.request,
        partner_center.correlation_id = %ids.correlation,
        partner_center.attempts = Empty,
        error.type = Empty,
    )
}

/// The span of one attempt: one HTTP request.
pub(super) fn attempt_span(operation: Operation, url: &Url, attempt: u32, waited: Duration) -> Span {
    let span = tracing::info_span!(
        "partner_center.attempt",
        otel.name = format_args!("{} {}", operation.method(), operation.path_template()),
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = operation.method().as_str(),
        http.request.resend_count = Empty,
        http.response.status_code = Empty,
        url.template = operation.path_template(),
        url.scheme = url.scheme(),
        server.address = url.host_str(),
        server.port = url.port_or_known_default(),
        partner_center.wait_ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX),
        error.type = Empty,
    );
    if attempt > 1 {
        span.record("http.request.resend_count", attempt - 1);
    }
    span
}

/// Logs the URL of a request.
pub(super) fn address(url: &Url) {
    tracing::debug!(url.path = url.path(), url.query = url.query(), "sending");
}

/// Records how an attempt ended.
pub(super) fn attempt_ended(span: &Span, outcome: Result<&RawResponse, &TransportError>) {
    match outcome {
        Ok(response) => {
            let status = response.status();
            span.record("http.response.status_code", status.as_u16());
            if is_error(status) {
                span.record("error.type", status.as_str());
                span.record("otel.status_code", "ERROR");
            }
        }
        Err(error) => {
            span.record("error.type", error_type(error.kind()));
            span.record("otel.status_code", "ERROR");
        }
    }
}

/// Records how a call ended.
pub(super) fn call_ended(span: &Span, attempts: u32, outcome: Result<&RawResponse, &TransportError>) {
    span.record("partner_center.attempts", attempts);
    match outcome {
        Ok(response) if is_error(response.status()) => {
            span.record("error.type", response.status().as_str());
            span.record("otel.status_code", "ERROR");
        }
        Ok(_) => {}
        Err(error) => {
            span.record("error.type", error_type(error.kind()));
            span.record("otel.status_code", "ERROR");
        }
    }
}

/// Logs a body, unless it holds activation links.
pub(super) fn body(operation: Operation, direction: &'static str, body: Option<&[u8]>) {
    if let Some(body) = body.filter(|_| !responds_with_links(operation)) {
        tracing::trace!(direction, body = %Escaped(String::from_utf8_lossy(body)), "body");
    }
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

fn error_type(kind: TransportErrorKind) -> &'static str {
    match kind {
        TransportErrorKind::Credential => "credential",
        TransportErrorKind::Request => "request",
        TransportErrorKind::Connect => "connect",
        TransportErrorKind::Timeout => "timeout",
        TransportErrorKind::Interrupted => "interrupted",
        TransportErrorKind::ResponseTooLarge => "too_large",
        TransportErrorKind::Throttled => "throttled",
        _ => "_OTHER",
    }
}
