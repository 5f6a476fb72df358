//! Syntax errors: kind, location, message and hint.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use partner_center_orders_schema::{Limits, Schema, SyntaxError, SyntaxErrorKind, Validator};

fn syntax_error(text: &str) -> SyntaxError {
    syntax_error_in_bytes(text.as_bytes())
}

fn syntax_error_in_bytes(payload: &[u8]) -> SyntaxError {
    let validator = Validator::new(Schema::ORDER);
    assert!(!validator.is_valid(payload), "{payload:?} is valid");
    validator.validate(payload).expect_err(&format!("{:?} is JSON", String::from_utf8_lossy(payload)))
}

/// Checks kind, line, column, and the bytes concerned.
#[track_caller]
fn assert_syntax_error(text: &str, kind: SyntaxErrorKind, line: usize, column: usize, about: &str) {
    let error = syntax_error(text);
    assert_eq!((error.kind, error.location.line, error.location.column), (kind, line, column), "{text}: {error}");
    assert_eq!(&text[error.location.offset..error.location.offset + error.length], about, "{text}: {error}");
}

#[test]
fn comments() {
    assert_syntax_error("{\n  // the id\n  \"id\": \"1\"\n}", SyntaxErrorKind::Comment, 2, 3, "// the id");
    assert_syntax_error("{\"id\": /* secret */ \"1\"}", SyntaxErrorKind::Comment, 1, 8, "/* secret */");
    assert_syntax_error("{\"id\": \"1\" # no\n}", SyntaxErrorKind::Comment, 1, 12, "#");
    assert_syntax_error("{\"id\": \"1\" /* never closed", SyntaxErrorKind::Comment, 1, 12, "/* never closed");
}

#[test]
fn stray_commas() {
    assert_syntax_error("{\n  \"id\": \"1\",\n}", SyntaxErrorKind::WrongSeparator, 2, 12, ",");
    assert_syntax_error("{\"lineItems\": [1, 2,   ]}", SyntaxErrorKind::WrongSeparator, 1, 20, ",");
    assert_syntax_error("{\"lineItems\": [1,, 2]}", SyntaxErrorKind::WrongSeparator, 1, 18, ",");
    assert_syntax_error("{,}", SyntaxErrorKind::WrongSeparator, 1, 2, ",");
}

#[test]
fn missing_commas_and_colons() {
    assert_syntax_error("{\"id\": \"1\"\n \"status\": \"pending\"}", SyntaxErrorKind::WrongSeparator, 2, 2, "\"");
    assert_syntax_error("{\"lineItems\": [{} {}]}", SyntaxErrorKind::WrongSeparator, 1, 19, "{");
    assert_syntax_error("{\"id\" \"1\"}", SyntaxErrorKind::WrongSeparator, 1, 7, "\"");
    assert_syntax_error("{\"id\"; \"1\"}", SyntaxErrorKind::WrongSeparator, 1, 6, ";");
    assert_syntax_error("{\"id\" = \"1\"}", SyntaxErrorKind::WrongSeparator, 1, 7, "=");
    assert_syntax_error("{\"id\": \"1\"; \"a\": 1}", SyntaxErrorKind::WrongSeparator, 1, 11, ";");
}

#[test]
fn quotes() {
    assert_syntax_error("{ “id”: 1 }", SyntaxErrorKind::WrongQuotes, 1, 3, "“");
    assert_syntax_error("{ \"id\": “1” }", SyntaxErrorKind::WrongQuotes, 1, 9, "“");
    assert_syntax_error("{ \"id\": \"1”,\n \"a\": 1 }", SyntaxErrorKind::WrongQuotes, 1, 11, "”");
    assert_syntax_error("{ 'id': 1 }", SyntaxErrorKind::WrongQuotes, 1, 3, "'");
    assert_syntax_error("{\"a\": \"b, \"c\": 1}", SyntaxErrorKind::WrongQuotes, 1, 12, "c");
    assert_syntax_error("{ id: 1 }", SyntaxErrorKind::WrongQuotes, 1, 3, "id");
    assert_syntax_error("{ \"id\": abc-1 }", SyntaxErrorKind::WrongQuotes, 1, 9, "abc-1");
}

#[test]
fn messages_distinguish_mistakes_of_one_kind() {
    for (text, message) in [
        ("{\"id\": \"1\",}", "trailing comma"),
        ("{\"a\": [1,, 2]}", "superfluous comma"),
        ("{\"a\": 1 \"b\": 2}", "missing comma"),
        ("{\"a\": 1; \"b\": 2}", "`;` instead of a comma"),
        ("{\"a\" 1}", "expected a colon, found `1`"),
        ("{ “id”: 1 }", "wrong quote “"),
        ("{ id: 1 }", "member name without quotes"),
        ("{\"a\": abc}", "string without quotes"),
        ("{\"a\": \"b, \"c\": 1}", "word after the end of a string"),
        ("{\"a\": \"b\nc\"}", "line break inside a string"),
        ("{\"a\": \"b\tc\"}", "tab inside a string"),
        ("{\"a\": \"\\d\"}", "invalid escape `\\d`"),
        ("{\u{a0}\"id\": 1}", "invisible character U+00A0"),
        ("{\"a\": None}", "invalid literal `None`"),
        ("{\"a\": NaN}", "invalid number `NaN`"),
        ("{\"a\": }", "missing value"),
        ("{\"a\": 1 ~}", "expected a comma or `}`, found `~`"),
    ] {
        assert_eq!(syntax_error(text).message, message, "{text}");
    }
}

#[test]
fn literals_of_other_languages() {
    assert_syntax_error("{\"a\": None}", SyntaxErrorKind::Unexpected, 1, 7, "None");
    assert_eq!(syntax_error("{\"a\": None}").hint.as_deref(), Some("write `null`"));
    assert_eq!(syntax_error("{\"a\": True}").hint.as_deref(), Some("write `true`"));
    assert_syntax_error("{\"a\": NaN}", SyntaxErrorKind::WrongNumber, 1, 7, "NaN");
}

#[test]
fn placeholders() {
    assert_syntax_error("{\"code\": <string>}", SyntaxErrorKind::Placeholder, 1, 10, "<string>");
    assert_syntax_error("{\"links\": {...}}", SyntaxErrorKind::Placeholder, 1, 12, "...");
    assert_syntax_error("{\"a\": 1, ...}", SyntaxErrorKind::Placeholder, 1, 10, "...");
}

#[test]
fn brackets() {
    assert_syntax_error("{\n {\"id\": 1}}", SyntaxErrorKind::WrongBracket, 2, 2, "{");
    assert_syntax_error("{\"lineItems\": [1}", SyntaxErrorKind::WrongBracket, 1, 17, "}");
    assert_syntax_error("{\"lineItems\": 1]", SyntaxErrorKind::WrongBracket, 1, 16, "]");
    assert_syntax_error("  \"id\": \"1\"\n}", SyntaxErrorKind::WrongBracket, 1, 7, ":");
    assert_syntax_error("{}}", SyntaxErrorKind::TrailingText, 1, 3, "}");
    assert_syntax_error("{}\n{}", SyntaxErrorKind::TrailingText, 2, 1, "{");
}

#[test]
fn cut_off_payloads_name_what_is_open() {
    let cut = syntax_error("{\n  \"lineItems\": [\n    { \"offerId\": \"a\" },\n");
    assert_eq!((cut.kind, cut.location.line, cut.location.column), (SyntaxErrorKind::CutOff, 4, 1));
    assert_eq!(cut.message, "the payload ends inside the array that begins at line 2, column 16");
    assert_eq!(cut.hint.as_deref(), Some("the payload was cut off: at least `]}` is missing"));
    assert_eq!(syntax_error("{\"id\": \"ab").message, "the payload ends inside a string");
    assert_eq!(syntax_error("{\"id\": \"ab\\u12").kind, SyntaxErrorKind::WrongString);
    for end in 1.."{\"a\": [true, -1.5e3, \"\\u00e9\"]}".len() {
        syntax_error(&"{\"a\": [true, -1.5e3, \"\\u00e9\"]}"[..end]);
    }
}

#[test]
fn strings_and_numbers() {
    assert_syntax_error("{\"id\": \"a\nb\"}", SyntaxErrorKind::WrongString, 1, 10, "\n");
    assert_syntax_error("{\"id\": \"a\tb\"}", SyntaxErrorKind::WrongString, 1, 10, "\t");
    assert_syntax_error("{\"id\": \"C:\\data\"}", SyntaxErrorKind::WrongString, 1, 11, "\\d");
    assert_syntax_error("{\"id\": \"\\u12x4\"}", SyntaxErrorKind::WrongString, 1, 9, "\\u");
    assert_syntax_error("{\"quantity\": 01}", SyntaxErrorKind::WrongNumber, 1, 14, "0");
    assert_syntax_error("{\"quantity\": +1}", SyntaxErrorKind::WrongNumber, 1, 14, "+");
    assert_syntax_error("{\"quantity\": 1.}", SyntaxErrorKind::WrongNumber, 1, 16, "}");
    assert_syntax_error("{\"quantity\": -}", SyntaxErrorKind::WrongNumber, 1, 15, "}");
    assert_syntax_error("{\"quantity\": 1e}", SyntaxErrorKind::WrongNumber, 1, 16, "}");
    assert_syntax_error("{\"quantity\": .5}", SyntaxErrorKind::WrongNumber, 1, 14, ".");
    assert_syntax_error("{\"quantity\": 0x10}", SyntaxErrorKind::WrongNumber, 1, 15, "x10");
    assert_syntax_error("{\"quantity\": 12abc}", SyntaxErrorKind::WrongNumber, 1, 16, "abc");
    assert!(syntax_error("{\"quantity\": -Infinity}").hint.unwrap().contains("no such number"));
}

#[test]
fn invisible_characters() {
    assert_syntax_error("{\n\u{a0}\"id\": 1}", SyntaxErrorKind::Unexpected, 2, 1, "\u{a0}");
    assert_syntax_error("{\u{200b}\"id\": 1}", SyntaxErrorKind::Unexpected, 1, 2, "\u{200b}");
    assert_syntax_error("\u{feff}\u{feff}{}", SyntaxErrorKind::Unexpected, 1, 1, "\u{feff}");
}

#[test]
fn other_formats() {
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
        let error = syntax_error(text);
        assert_eq!(error.kind, SyntaxErrorKind::NotJson, "{text}: {error}");
        assert!(error.message.contains(what), "{text}: {error}");
    }
    for empty in ["", "  \n", "\u{feff}"] {
        assert_eq!(syntax_error(empty).kind, SyntaxErrorKind::Empty, "{empty:?}");
    }
    assert_syntax_error("?{\"id\": 1}", SyntaxErrorKind::Unexpected, 1, 1, "?");
    assert!(syntax_error("?{\"id\": 1}").hint.unwrap().contains("byte order mark"));
}

#[test]
fn invalid_utf8() {
    let latin = syntax_error_in_bytes(b"{\"name\":\n \"caf\xe9\"}");
    assert_eq!((latin.kind, latin.location.line, latin.location.column), (SyntaxErrorKind::NotUtf8, 2, 6));
    assert_eq!(latin.message, "invalid UTF-8: byte 0xe9");
    let wide: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(syntax_error_in_bytes(&wide).hint.unwrap().contains("UTF-16"));
    assert!(syntax_error_in_bytes(b"\x1f\x8b\x08\x00").hint.unwrap().contains("gzip"));
}

#[test]
fn a_byte_order_mark_takes_no_column() {
    let error = syntax_error("\u{feff}{ id: 1 }");
    assert_eq!((error.location.offset, error.location.line, error.location.column), (5, 1, 3));
}

#[test]
fn columns_count_characters_not_bytes() {
    assert_syntax_error("{\"é\": \"日本\", id: 1 }", SyntaxErrorKind::WrongQuotes, 1, 13, "id");
}

#[test]
fn nesting_is_limited_for_arrays_and_objects() {
    let nested = |open: &str, close: &str, levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let validator = Validator::new(Schema::CART_ERROR);
        let inside = |levels| format!("{{\"additionalInformation\": {{\"a\": {}}}}}", nested(open, close, levels));
        assert!(validator.validate(inside(125).as_bytes()).unwrap().is_valid(), "{open}");
        let error = validator.validate(inside(126).as_bytes()).unwrap_err();
        assert_eq!(error.kind, SyntaxErrorKind::TooDeep, "{open}");
    }
    let bomb = syntax_error(&"[".repeat(1_000_000));
    assert_eq!((bomb.kind, bomb.location.column), (SyntaxErrorKind::TooDeep, 128));

    let mut limits = Limits::default();
    limits.depth = usize::MAX;
    let error = Validator::new(Schema::ORDER).limits(limits).validate("[".repeat(1_000_000).as_bytes()).unwrap_err();
    assert_eq!((error.kind, error.location.column), (SyntaxErrorKind::TooDeep, 128), "a limit can't be raised");

    limits.depth = 2;
    let shallow = Validator::new(Schema::ORDER).limits(limits);
    let error = shallow.validate(b"{\"lineItems\": [{}]}").unwrap_err();
    assert_eq!((error.kind, error.location.column), (SyntaxErrorKind::TooDeep, 16));
}

#[test]
fn a_syntax_error_is_displayed_in_one_line() {
    assert_eq!(syntax_error("{\n  \"id\": \"1\",\n}").to_string(), "2:12 trailing comma (wrong_separator); delete it");
}

#[test]
fn a_syntax_error_displays_no_control_characters() {
    for text in
        ["{\"id\": \"1\" \u{1b}[2J}", "{\"id\": \u{9b}}", "{\u{202e}\"id\": 1}", "{\"id\": \"1\" \u{202e}}", "\u{7f}"]
    {
        let shown = syntax_error(text).to_string();
        assert!(!shown.contains(partner_center_orders_schema::is_control), "{shown:?}");
    }
}
