//! Multipart bodies of forms with files.

use bytes::Bytes;

/// The largest number of parts.
const MAX_PARTS: usize = 256;

/// A part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) file_name: Option<String>,
    pub(crate) content: Bytes,
}

/// Returns the boundary of a `multipart/form-data` content type.
pub(crate) fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameter(parameters, "boundary")?;
    (1..=70).contains(&boundary.len()).then_some(boundary)
}

/// Parses a body; `None` if it is malformed.
pub(crate) fn parse(body: &Bytes, boundary: &str) -> Option<Vec<Part>> {
    let delimiter = format!("\r\n--{boundary}");
    let delimiter = delimiter.as_bytes();
    // The first delimiter may be at the beginning.
    let mut position = if body.starts_with(&delimiter[2..]) {
        delimiter.len() - 2
    } else {
        find(body, delimiter, 0)? + delimiter.len()
    };
    let mut parts = Vec::new();
    loop {
        if body[position..].starts_with(b"--") {
            return Some(parts);
        }
        let line_end = find(body, b"\r\n", position)?;
        // Only spaces and tabs may follow a delimiter on its line.
        if !body[position..line_end].iter().all(|byte| matches!(byte, b' ' | b'\t')) || parts.len() == MAX_PARTS {
            return None;
        }
        let end = find(body, delimiter, line_end)?;
        parts.push(part(body, line_end + 2, end)?);
        position = end + delimiter.len();
    }
}

fn part(body: &Bytes, start: usize, end: usize) -> Option<Part> {
    let head_end = find(&body[..end], b"\r\n\r\n", start)?;
    let head = std::str::from_utf8(&body[start..head_end]).ok()?;
    let disposition = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let (kind, parameters) = disposition.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("form-data") {
        return None;
    }
    let encoded_name = parameter(parameters, "filename*").and_then(|text| {
        let text = text.strip_prefix("UTF-8''").or_else(|| text.strip_prefix("utf-8''"))?;
        Some(percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned())
    });
    Some(Part {
        name: parameter(parameters, "name")?,
        file_name: encoded_name.or_else(|| parameter(parameters, "filename")),
        content: body.slice((head_end + 4).min(end)..end),
    })
}

/// Returns the value of a parameter, which may be quoted.
fn parameter(parameters: &str, wanted: &str) -> Option<String> {
    let mut rest = parameters;
    loop {
        let (name, after) = rest.split_once('=')?;
        let name = name.trim().trim_start_matches(';').trim();
        let (value, remaining) = value(after.trim_start())?;
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = remaining.trim_start().strip_prefix(';')?;
    }
}

/// Returns a value and the text after it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return Some((text[..end].trim_end().to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((index, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &quoted[index + 1..])),
            // Browsers don't escape backslashes of paths; only escaped quotes and backslashes are unescaped.
            '\\' if quoted[index + 1..].starts_with(['"', '\\']) => value.push(letters.next()?.1),
            _ => value.push(letter),
        }
    }
    None
}

fn find(body: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let first = *wanted.first()?;
    let mut position = from;
    loop {
        position += body.get(position..)?.iter().position(|byte| *byte == first)?;
        if body[position..].starts_with(wanted) {
            return Some(position);
        }
        position += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(body: &str) -> Option<Vec<Part>> {
        parse(&Bytes::copy_from_slice(body.as_bytes()), "b")
    }

    #[test]
    fn parts_keep_every_byte() {
        let parts = parsed(
            "--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{}\r\n\
             --b\r\ncontent-disposition: form-data; name=f; filename=\"a \\\"b\\\".txt\"\r\n\r\n\u{feff}\r\n--x\r\n\r\n--b--\r\n",
        )
        .unwrap();
        assert_eq!((parts[0].name.as_str(), &parts[0].content[..]), ("metadata", &b"{}"[..]));
        assert_eq!(parts[1].file_name.as_deref(), Some("a \"b\".txt"));
        assert_eq!(&parts[1].content[..], "\u{feff}\r\n--x\r\n".as_bytes());
    }

    #[test]
    fn an_empty_part_is_empty() {
        let parts = parsed("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--b--").unwrap();
        assert!(parts[0].content.is_empty());
    }

    #[test]
    fn malformed_bodies_are_rejected() {
        for body in [
            "",
            "--b",
            "--b\r\n",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx",
            "--b\r\nContent-Disposition: form-data; name=a\r\n--b--",
            "--b\r\n\r\nx\r\n--b--",
            "--bx\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--",
        ] {
            assert_eq!(parsed(body), None, "{body:?}");
        }
    }

    #[test]
    fn the_boundary_is_in_the_content_type() {
        assert_eq!(boundary("multipart/form-data; boundary=\"a b\"").as_deref(), Some("a b"));
        assert_eq!(boundary("Multipart/Form-Data; charset=utf-8; boundary=x").as_deref(), Some("x"));
        assert_eq!(boundary("application/json"), None);
        assert_eq!(boundary("multipart/form-data; boundary="), None);
    }
}
