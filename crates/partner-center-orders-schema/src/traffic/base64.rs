//! Base64, the encoding of binary bodies in captures.

/// Decodes base64, with or without padding and line breaks; returns `None` if the text isn't base64.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.trim_end().trim_end_matches('=').bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'\r' | b'\n' => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    // A single character at the end is less than a byte.
    (count < 6).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn padding_and_line_breaks_do_not_matter() {
        assert_eq!(decode("eyJpZCI6IjEifQ==").as_deref(), Some(&b"{\"id\":\"1\"}"[..]));
        assert_eq!(decode("eyJp\r\nZCI6IjEifQ").as_deref(), Some(&b"{\"id\":\"1\"}"[..]));
        assert_eq!(decode("").as_deref(), Some(&b""[..]));
        assert_eq!(decode("+/8=").as_deref(), Some(&b"\xfb\xff"[..]));
    }

    #[test]
    fn other_characters_are_rejected() {
        assert_eq!(decode("a"), None);
        assert_eq!(decode("ab-_"), None);
        assert_eq!(decode("{\"id\": 1}"), None);
    }
}
