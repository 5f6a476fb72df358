//! Any text is kept as received, and every way to its instant has the same result.

use chrono::Datelike as _;
use partner_center_orders_api::wire::Timestamp;

/// Reads the text, writes it, and compares the ways to its instant.
pub fn check(input: &[u8]) {
    // As JSON, as it comes: only text is a timestamp.
    if let Ok(timestamp) = serde_json::from_slice::<Timestamp>(input) {
        let text: String = serde_json::from_slice(input).expect("a timestamp is text");
        assert_eq!(timestamp.as_str(), text);
    }
    let Ok(text) = std::str::from_utf8(input) else { return };
    let timestamp = Timestamp::unchecked(text);
    assert_eq!(timestamp.to_string(), text);
    let json = serde_json::to_string(&timestamp).expect("text can be written");
    assert_eq!(serde_json::from_str::<Timestamp>(&json).expect("it was written so"), timestamp);
    let Some(instant) = timestamp.instant() else { return };
    // Without an offset it is UTC, and nothing else is different.
    let in_utc = Timestamp::unchecked(format!("{text}Z")).instant();
    assert!(in_utc.is_none_or(|in_utc| in_utc == instant), "{text}: {instant}, with Z: {in_utc:?}");
    let has_offset =
        text.ends_with(['Z', 'z']) || text.get(19..).is_some_and(|rest| rest.contains(['+', '-', '\u{2212}']));
    assert!(has_offset || in_utc.is_some(), "{text} is an instant without Z only");
    if (0..=9999).contains(&instant.year()) {
        assert_eq!(Timestamp::from(instant).instant(), Some(instant), "{text}");
    }
}
