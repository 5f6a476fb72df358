//! Damaged payloads: what is said of them, and where.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use partner_center_orders_schema::{Limits, Schema, SyntaxError, SyntaxErrorKind, Validator};

fn damage(text: &str) -> SyntaxError {
    damage_of_bytes(text.as_bytes())
}

fn damage_of_bytes(payload: &[u8]) -> SyntaxError {
    let validator = Validator::new(Schema::ORDER);
    assert!(!validator.is_valid(payload), "{payload:?} is valid");
    validator.validate(payload).expect_err(&format!("{:?} can be judged", String::from_utf8_lossy(payload)))
}

/// Kind, line, column, and the bytes that it is about.
#[track_caller]
fn assert_damage(text: &str, kind: SyntaxErrorKind, line: usize, column: usize, about: &str) {
    let damage = damage(text);
    assert_eq!((damage.kind, damage.place.line, damage.place.column), (kind, line, column), "{text}: {damage}");
    assert_eq!(&text[damage.place.offset..damage.place.offset + damage.length], about, "{text}: {damage}");
}

#[test]
fn comments() {
    assert_damage("{\n  // the id\n  \"id\": \"1\"\n}", SyntaxErrorKind::Comment, 2, 3, "// the id");
    assert_damage("{\"id\": /* secret */ \"1\"}", SyntaxErrorKind::Comment, 1, 8, "/* secret */");
    assert_damage("{\"id\": \"1\" # no\n}", SyntaxErrorKind::Comment, 1, 12, "#");
    assert_damage("{\"id\": \"1\" /* never closed", SyntaxErrorKind::Comment, 1, 12, "/* never closed");
}

#[test]
fn stray_commas() {
    assert_damage("{\n  \"id\": \"1\",\n}", SyntaxErrorKind::StrayComma, 2, 12, ",");
    assert_damage("{\"lineItems\": [1, 2,   ]}", SyntaxErrorKind::StrayComma, 1, 20, ",");
    assert_damage("{\"lineItems\": [1,, 2]}", SyntaxErrorKind::StrayComma, 1, 18, ",");
    assert_damage("{,}", SyntaxErrorKind::StrayComma, 1, 2, ",");
}

#[test]
fn missing_commas_and_colons() {
    assert_damage("{\"id\": \"1\"\n \"status\": \"pending\"}", SyntaxErrorKind::MissingComma, 2, 2, "\"");
    assert_damage("{\"lineItems\": [{} {}]}", SyntaxErrorKind::MissingComma, 1, 19, "{");
    assert_damage("{\"id\" \"1\"}", SyntaxErrorKind::MissingColon, 1, 7, "\"");
    assert_damage("{\"id\"; \"1\"}", SyntaxErrorKind::MissingColon, 1, 6, ";");
    assert_damage("{\"id\" = \"1\"}", SyntaxErrorKind::MissingColon, 1, 7, "=");
    assert_damage("{\"id\": \"1\"; \"a\": 1}", SyntaxErrorKind::MissingComma, 1, 11, ";");
}

#[test]
fn quotes() {
    assert_damage("{ “id”: 1 }", SyntaxErrorKind::WrongQuotes, 1, 3, "“");
    assert_damage("{ \"id\": “1” }", SyntaxErrorKind::WrongQuotes, 1, 9, "“");
    assert_damage("{ \"id\": \"1”,\n \"a\": 1 }", SyntaxErrorKind::WrongQuotes, 1, 11, "”");
    assert_damage("{ 'id': 1 }", SyntaxErrorKind::WrongQuotes, 1, 3, "'");
    assert_damage("{\"a\": \"b, \"c\": 1}", SyntaxErrorKind::WrongQuotes, 1, 12, "c");
    assert_damage("{ id: 1 }", SyntaxErrorKind::MissingQuotes, 1, 3, "id");
    assert_damage("{ \"id\": abc-1 }", SyntaxErrorKind::MissingQuotes, 1, 9, "abc-1");
}

#[test]
fn words_of_other_languages() {
    assert_damage("{\"a\": None}", SyntaxErrorKind::MissingQuotes, 1, 7, "None");
    assert_eq!(damage("{\"a\": None}").hint.as_deref(), Some("write `null`"));
    assert_eq!(damage("{\"a\": True}").hint.as_deref(), Some("write `true`"));
    assert_damage("{\"a\": NaN}", SyntaxErrorKind::WrongNumber, 1, 7, "NaN");
}

#[test]
fn placeholders() {
    assert_damage("{\"code\": <string>}", SyntaxErrorKind::Placeholder, 1, 10, "<string>");
    assert_damage("{\"links\": {...}}", SyntaxErrorKind::Placeholder, 1, 12, "...");
    assert_damage("{\"a\": 1, ...}", SyntaxErrorKind::Placeholder, 1, 10, "...");
}

#[test]
fn brackets() {
    assert_damage("{\n {\"id\": 1}}", SyntaxErrorKind::WrongBracket, 2, 2, "{");
    assert_damage("{\"lineItems\": [1}", SyntaxErrorKind::WrongBracket, 1, 17, "}");
    assert_damage("{\"lineItems\": 1]", SyntaxErrorKind::WrongBracket, 1, 16, "]");
    assert_damage("  \"id\": \"1\"\n}", SyntaxErrorKind::WrongBracket, 1, 7, ":");
    assert_damage("{}}", SyntaxErrorKind::TextBehind, 1, 3, "}");
    assert_damage("{}\n{}", SyntaxErrorKind::TextBehind, 2, 1, "{");
}

#[test]
fn cut_off_texts_say_what_is_open() {
    let cut = damage("{\n  \"lineItems\": [\n    { \"offerId\": \"a\" },\n");
    assert_eq!((cut.kind, cut.place.line, cut.place.column), (SyntaxErrorKind::CutOff, 4, 1));
    assert_eq!(cut.message, "the payload ends within the array that begins at line 2, column 16");
    assert_eq!(cut.hint.as_deref(), Some("it was cut off; `]}` is missing at least"));
    assert_eq!(damage("{\"id\": \"ab").message, "the payload ends within a text");
    assert_eq!(damage("{\"id\": \"ab\\u12").kind, SyntaxErrorKind::WrongEscape);
    for end in 1.."{\"a\": [true, -1.5e3, \"\\u00e9\"]}".len() {
        damage(&"{\"a\": [true, -1.5e3, \"\\u00e9\"]}"[..end]);
    }
}

#[test]
fn texts_and_numbers() {
    assert_damage("{\"id\": \"a\nb\"}", SyntaxErrorKind::RawControl, 1, 10, "\n");
    assert_damage("{\"id\": \"a\tb\"}", SyntaxErrorKind::RawControl, 1, 10, "\t");
    assert_damage("{\"id\": \"C:\\data\"}", SyntaxErrorKind::WrongEscape, 1, 11, "\\d");
    assert_damage("{\"id\": \"\\u12x4\"}", SyntaxErrorKind::WrongEscape, 1, 9, "\\u");
    assert_damage("{\"quantity\": 01}", SyntaxErrorKind::WrongNumber, 1, 14, "0");
    assert_damage("{\"quantity\": +1}", SyntaxErrorKind::WrongNumber, 1, 14, "+");
    assert_damage("{\"quantity\": 1.}", SyntaxErrorKind::WrongNumber, 1, 16, "}");
    assert_damage("{\"quantity\": -}", SyntaxErrorKind::WrongNumber, 1, 15, "}");
    assert_damage("{\"quantity\": 1e}", SyntaxErrorKind::WrongNumber, 1, 16, "}");
    assert_damage("{\"quantity\": .5}", SyntaxErrorKind::WrongNumber, 1, 14, ".");
    assert_damage("{\"quantity\": 0x10}", SyntaxErrorKind::WrongNumber, 1, 15, "x10");
    assert_damage("{\"quantity\": 12abc}", SyntaxErrorKind::WrongNumber, 1, 16, "abc");
    assert!(damage("{\"quantity\": -Infinity}").hint.unwrap().contains("no such number"));
}

#[test]
fn blanks_that_are_none() {
    assert_damage("{\n\u{a0}\"id\": 1}", SyntaxErrorKind::WrongBlank, 2, 1, "\u{a0}");
    assert_damage("{\u{200b}\"id\": 1}", SyntaxErrorKind::WrongBlank, 1, 2, "\u{200b}");
    assert_damage("\u{feff}\u{feff}{}", SyntaxErrorKind::WrongBlank, 1, 1, "\u{feff}");
}

#[test]
fn texts_that_were_never_json() {
    for (text, what) in [
        ("<!DOCTYPE html>\n<html></html>", "HTML"),
        ("\n<HTML lang=\"en\">", "HTML"),
        ("<!-- a gateway -->\n<html></html>", "HTML"),
        ("<head><title>Sign in</title></head>", "HTML"),
        ("<?xml version=\"1.0\"?><a/>", "XML"),
        ("<Error><Code>403</Code></Error>", "XML"),
        ("grant_type=client_credentials&scope=a%20b", "a form"),
        ("{\0\"\0i\0d\0", "UTF-16"),
        ("HTTP/1.1 200 OK\n\n{}", "HTTP"),
        ("POST /v1/customers HTTP/1.1\nHost: a\n\n{}", "HTTP"),
        ("Content-Disposition: form-data; name=metadata\n\n{}", "headers"),
        ("--boundary\nContent-Type: application/json\n\n{}", "multipart"),
    ] {
        let damage = damage(text);
        assert_eq!(damage.kind, SyntaxErrorKind::NotJson, "{text}: {damage}");
        assert!(damage.message.contains(what), "{text}: {damage}");
    }
    for nothing in ["", "  \n", "\u{feff}"] {
        assert_eq!(damage(nothing).kind, SyntaxErrorKind::Empty, "{nothing:?}");
    }
    assert_damage("?{\"id\": 1}", SyntaxErrorKind::Unexpected, 1, 1, "?");
}

#[test]
fn bytes_that_are_no_utf8() {
    let latin = damage_of_bytes(b"{\"name\":\n \"caf\xe9\"}");
    assert_eq!((latin.kind, latin.place.line, latin.place.column), (SyntaxErrorKind::NotUtf8, 2, 6));
    let wide: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(damage_of_bytes(&wide).hint.unwrap().contains("UTF-16"));
    assert!(damage_of_bytes(b"\x1f\x8b\x08\x00").hint.unwrap().contains("gzip"));
}

#[test]
fn a_byte_order_mark_moves_no_column() {
    let damage = damage("\u{feff}{ id: 1 }");
    assert_eq!((damage.place.offset, damage.place.line, damage.place.column), (5, 1, 3));
}

#[test]
fn columns_count_characters_not_bytes() {
    assert_damage("{\"é\": \"日本\", id: 1 }", SyntaxErrorKind::MissingQuotes, 1, 13, "id");
}

#[test]
fn nesting_has_a_limit_whatever_is_nested() {
    let nested = |open: &str, close: &str, levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let validator = Validator::new(Schema::CART_ERROR);
        let inside = |levels| format!("{{\"additionalInformation\": {{\"a\": {}}}}}", nested(open, close, levels));
        assert!(validator.validate(inside(125).as_bytes()).unwrap().is_valid(), "{open}");
        let damage = validator.validate(inside(126).as_bytes()).unwrap_err();
        assert_eq!(damage.kind, SyntaxErrorKind::TooDeep, "{open}");
    }
    let bomb = damage(&"[".repeat(1_000_000));
    assert_eq!((bomb.kind, bomb.place.column), (SyntaxErrorKind::TooDeep, 128));

    let mut limits = Limits::default();
    limits.depth = usize::MAX;
    let damage = Validator::new(Schema::ORDER).limits(limits).validate("[".repeat(1_000_000).as_bytes()).unwrap_err();
    assert_eq!((damage.kind, damage.place.column), (SyntaxErrorKind::TooDeep, 128), "a limit can't be raised");

    limits.depth = 2;
    let shallow = Validator::new(Schema::ORDER).limits(limits);
    let damage = shallow.validate(b"{\"lineItems\": [{}]}").unwrap_err();
    assert_eq!((damage.kind, damage.place.column), (SyntaxErrorKind::TooDeep, 16));
}

#[test]
fn a_damage_reads_as_one_line() {
    assert_eq!(
        damage("{\n  \"id\": \"1\",\n}").to_string(),
        "2:12 a comma before the closing bracket (stray_comma); take it out"
    );
}

#[test]
fn damage_shows_no_control_characters() {
    for text in
        ["{\"id\": \"1\" \u{1b}[2J}", "{\"id\": \u{9b}}", "{\u{202e}\"id\": 1}", "{\"id\": \"1\" \u{202e}}", "\u{7f}"]
    {
        let shown = damage(text).to_string();
        assert!(!shown.contains(partner_center_orders_schema::is_control), "{shown:?}");
    }
}
