use chrono::{DateTime, Utc};
use partner_center_orders_api::wire::Timestamp;
use proptest::prelude::*;

use crate::rewritten;

fn instant(text: &str) -> Option<String> {
    Timestamp::unchecked(text).instant().map(|instant| instant.format("%Y-%m-%dT%H:%M:%S%.9f").to_string())
}

#[test]
fn every_recorded_form_has_its_instant() {
    let table = [
        ("2019-02-01T10:00:00Z", "2019-02-01T10:00:00.000000000"),
        ("2019-02-01T10:00:00.5Z", "2019-02-01T10:00:00.500000000"),
        ("2019-02-01T10:00:00.12Z", "2019-02-01T10:00:00.120000000"),
        ("2019-02-01T10:00:00.123Z", "2019-02-01T10:00:00.123000000"),
        ("2019-02-01T10:00:00.123456Z", "2019-02-01T10:00:00.123456000"),
        ("2019-02-01T10:00:00.1234567Z", "2019-02-01T10:00:00.123456700"),
        ("2019-02-01T10:00:00.123456789Z", "2019-02-01T10:00:00.123456789"),
        ("2019-02-01T10:00:00.25+00:00", "2019-02-01T10:00:00.250000000"),
        ("2019-02-01T10:00:00.54-07:00", "2019-02-01T17:00:00.540000000"),
        ("2019-02-01T20:00:00.540-08:00", "2019-02-02T04:00:00.540000000"),
        ("2019-02-01T10:00:00+05:45", "2019-02-01T04:15:00.000000000"),
        ("2019-02-01t10:00:00z", "2019-02-01T10:00:00.000000000"),
        ("9999-12-04T00:00:00Z", "9999-12-04T00:00:00.000000000"),
    ];
    for (text, expected) in table {
        assert_eq!(instant(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn without_an_offset_it_is_utc() {
    assert_eq!(instant("0001-01-01T00:00:00").as_deref(), Some("0001-01-01T00:00:00.000000000"));
    assert_eq!(instant("2020-02-29T12:30:00.1234567").as_deref(), Some("2020-02-29T12:30:00.123456700"));
}

#[test]
fn an_unreadable_text_is_kept_and_has_no_instant() {
    let table = [
        "",
        "soon",
        "2017-03-04T10: 42: 36.54-07: 00",
        "2019-02-01",
        "2019-02-30T10:00:00Z",
        "2019-13-01T10:00:00Z",
        "2019-02-01T24:00:00Z",
        "2019-02-01T10:60:00Z",
        "2019-02-01T10:00Z",
        "2019-02-01T10:00:00.Z",
        "2019-02-01T10:00:00+24:00",
        "2019-02-01T10:00:00+05:60",
        "2019-02-01T10:00:00Zulu",
        "-019-02-01T10:00:00Z",
        "２０１９-02-01T10:00:00Z",
        // Nor are they valid without an offset.
        "000-01-01T00:00:00",
        "-0019-02-01T10:00:00",
        "+2019-02-01T10:00:00",
        "2017-03-04T10: 42: 36.54",
        "2019-2-1T1:1:1",
    ];
    for text in table {
        let timestamp = Timestamp::unchecked(text);
        assert_eq!(timestamp.instant(), None, "{text}");
        assert_eq!(timestamp.as_str(), text);
        let json = serde_json::to_string(text).unwrap();
        assert_eq!(rewritten::<Timestamp>(&json), json);
    }
}

#[test]
fn the_text_is_written_as_received() {
    for json in ["\"2019-02-01T10:00:00.1234567-08:00\"", "\"0001-01-01T00:00:00\"", "\"never\""] {
        assert_eq!(rewritten::<Timestamp>(json), json);
    }
}

#[test]
fn equality_is_that_of_texts() {
    let (one, other) = (Timestamp::unchecked("2019-02-01T10:00:00Z"), Timestamp::unchecked("2019-02-01T10:00:00.0Z"));
    assert_ne!(one, other);
    assert_eq!(one.instant(), other.instant());
    assert_eq!(one, "2019-02-01T10:00:00Z".parse().unwrap());
}

#[test]
fn an_instant_is_written_in_utc() {
    let instant: DateTime<Utc> = "2026-05-06T07:08:09.120-03:00".parse().unwrap();
    assert_eq!(Timestamp::from(instant).to_string(), "2026-05-06T10:08:09.120Z");
}

#[test]
fn only_text_is_a_timestamp() {
    for json in ["20190201", "null", "true", "{}", "[]"] {
        let error = serde_json::from_str::<Timestamp>(json).unwrap_err();
        assert!(error.to_string().contains("expected a date and time as text"), "{error}");
    }
}

proptest! {
    #![proptest_config(crate::property(256))]

    #[test]
    fn any_instant_survives(seconds in -62_167_219_200_i64..253_402_300_800, nanoseconds in 0_u32..1_000_000_000) {
        let instant = DateTime::from_timestamp(seconds, nanoseconds).unwrap();
        prop_assert_eq!(Timestamp::from(instant).instant(), Some(instant));
    }

    #[test]
    fn any_text_is_kept(text in any::<String>()) {
        let json = serde_json::to_string(&text).unwrap();
        let timestamp: Timestamp = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(timestamp.as_str(), text.as_str());
        prop_assert_eq!(serde_json::to_string(&timestamp).unwrap(), json);
    }

    #[test]
    fn nothing_that_looks_like_a_date_panics(text in "[0-9]{3,5}[-:T0-9. +Zz]{0,40}") {
        let _ = Timestamp::unchecked(text).instant();
    }

    #[test]
    fn chrono_agrees(
        year in 0_i32..=9999, month in 1_u32..=12, day in 1_u32..=31,
        hour in 0_u32..=23, minute in 0_u32..=59, second in 0_u32..=59,
        fraction in "(\\.[0-9]{1,9})?", offset in "Z|[+-](0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]",
    ) {
        let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}");
        let expected = DateTime::parse_from_rfc3339(&text).ok().map(|instant| instant.to_utc());
        prop_assert_eq!(Timestamp::unchecked(text).instant(), expected);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = serde_json::from_slice::<Timestamp>(&bytes).map(|timestamp| timestamp.instant());
    }
}
