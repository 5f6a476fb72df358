//! Access to the control endpoint, which requires no token: programs on this machine, but no web page of another origin.
//!
//! A page in a browser on this machine can send requests to loopback. It can't set `Host` and `Origin`, though, and can
//! send JSON across origins only after a preflight request. So both DNS rebinding and forms sent across origins are
//! detected.

use std::net::IpAddr;

use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{Method, StatusCode, Uri};

/// Content types of the certificates that can be registered.
const CERTIFICATES: [&str; 4] = [
    "application/pkix-cert",
    "application/x-x509-ca-cert",
    "application/pem-certificate-chain",
    "application/x-pem-file",
];

/// The status and reason of a rejected request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rejection(pub(crate) StatusCode, pub(crate) &'static str);

/// Checks a control request by its head. `own` is the origin of the emulator, also in memory.
pub(crate) fn check(head: &Parts, own: &str, segments: &[String]) -> Result<(), Rejection> {
    let own: Option<Authority> = own.parse::<Uri>().ok().and_then(|origin| origin.authority().cloned());
    let is_own = |authority: &Authority| own.as_ref() == Some(authority) || is_loopback(authority.host());
    let mut named = false;
    let hosts = head.headers.get_all(HOST).iter().map(|host| host.to_str().ok()?.parse::<Authority>().ok());
    for authority in hosts.chain(head.uri.authority().cloned().map(Some)) {
        named = true;
        if !authority.is_some_and(|authority| is_own(&authority)) {
            return Err(Rejection(
                StatusCode::FORBIDDEN,
                "the control endpoint must be addressed by a loopback name: set `Host` to 127.0.0.1, [::1] or localhost",
            ));
        }
    }
    if !named {
        return Err(Rejection(StatusCode::FORBIDDEN, "the request has no `Host`"));
    }
    for origin in head.headers.get_all(ORIGIN) {
        let origin = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
        if !origin.as_ref().and_then(Uri::authority).is_some_and(is_own) {
            return Err(Rejection(
                StatusCode::FORBIDDEN,
                "the control endpoint accepts no requests from web pages of other origins",
            ));
        }
    }
    // Without a preflight, a page can send GET, which changes nothing, and POST with one of three content types.
    if head.method == Method::GET || head.method == Method::DELETE || has_safe_type(head, segments) {
        Ok(())
    } else {
        Err(Rejection(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported content type: send changes with `Content-Type: application/json`",
        ))
    }
}

fn has_safe_type(head: &Parts, segments: &[String]) -> bool {
    let Some(kind) = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()) else { return false };
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json"
        || (segments.first().is_some_and(|first| first == "certificates") && CERTIFICATES.contains(&kind.as_str()))
}

fn is_loopback(host: &str) -> bool {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn checked(request: http::request::Builder) -> Result<(), StatusCode> {
        let head = request.body(()).unwrap().into_parts().0;
        check(&head, "http://127.0.0.1:4100", &["clock".to_owned()]).map_err(|Rejection(status, _)| status)
    }

    #[test]
    fn only_loopback_hosts_are_accepted() {
        for host in ["127.0.0.1:4100", "127.0.0.2", "localhost", "LOCALHOST:80", "[::1]:4100", "[::1]"] {
            assert_eq!(checked(Request::get("/control").header(HOST, host)), Ok(()), "{host}");
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "notlocalhost",
            "10.0.0.1",
            "[::2]",
            "",
            "a b",
        ] {
            assert_eq!(checked(Request::get("/control").header(HOST, host)), Err(StatusCode::FORBIDDEN), "{host}");
        }
        assert_eq!(checked(Request::get("/control")), Err(StatusCode::FORBIDDEN));
        // HTTP/2 has the host in the address; the two must not contradict each other.
        assert_eq!(checked(Request::get("http://127.0.0.1:4100/control")), Ok(()));
        assert_eq!(checked(Request::get("http://evil.example/control")), Err(StatusCode::FORBIDDEN));
        let two = Request::get("/control").header(HOST, "localhost").header(HOST, "evil.example");
        assert_eq!(checked(two), Err(StatusCode::FORBIDDEN));
    }

    #[test]
    fn only_loopback_origins_are_accepted() {
        let asked = |origin: &str| checked(Request::get("/control").header(HOST, "localhost").header(ORIGIN, origin));
        for origin in ["http://localhost:3000", "http://127.0.0.1:4100", "https://[::1]"] {
            assert_eq!(asked(origin), Ok(()), "{origin}");
        }
        for origin in ["https://evil.example", "null", "", "file://", "http://localhost.evil.example"] {
            assert_eq!(asked(origin), Err(StatusCode::FORBIDDEN), "{origin}");
        }
    }

    #[test]
    fn changes_need_a_content_type_that_forms_cannot_send() {
        for method in [Method::POST, Method::PUT, Method::PATCH] {
            let asked = |kind: &str| {
                checked(
                    Request::builder().method(&method).uri("/").header(HOST, "localhost").header(CONTENT_TYPE, kind),
                )
            };
            assert_eq!(asked("application/json"), Ok(()));
            assert_eq!(asked("Application/JSON; charset=utf-8"), Ok(()));
            for kind in
                ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "application/pkix-cert"]
            {
                assert_eq!(asked(kind), Err(StatusCode::UNSUPPORTED_MEDIA_TYPE), "{kind}");
            }
        }
        let without = Request::post("/").header(HOST, "localhost");
        assert_eq!(checked(without), Err(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        assert_eq!(checked(Request::delete("/").header(HOST, "localhost")), Ok(()));
    }
}
