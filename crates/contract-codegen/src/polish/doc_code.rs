//! Code in descriptions: rustdoc would compile and run it as an example.

/// Marks the code blocks of documentation in a printed file as text: fenced ones get the language `text`, indented ones lose the
/// indentation that makes them code.
pub(super) fn marked_as_text(printed: &str) -> String {
    let mut marked = String::with_capacity(printed.len());
    let mut documentation = Documentation::default();
    for line in printed.split_inclusive('\n') {
        documentation.push(line, &mut marked);
    }
    marked
}

/// Where in the documentation of a file a line is.
#[derive(Default)]
struct Documentation {
    /// Whether it is within `/** … */`.
    in_block: bool,
    /// The fence that the code block around it began with.
    fence: Option<String>,
}

impl Documentation {
    fn push(&mut self, line: &str, marked: &mut String) {
        let start = line.len() - line.trim_start().len();
        let (before, text) = if self.in_block {
            ("", line)
        } else if let Some(text) = line[start..].strip_prefix("///") {
            (&line[..line.len() - text.len()], text)
        } else if let Some(text) = line[start..].strip_prefix("/**") {
            self.fence = None;
            self.in_block = true;
            (&line[..line.len() - text.len()], text)
        } else {
            // Documentation ends here, and with it a code block that nothing closed.
            self.fence = None;
            marked.push_str(line);
            return;
        };
        self.in_block &= !text.contains("*/");
        marked.push_str(before);
        self.mark(text, marked);
    }

    fn mark(&mut self, text: &str, marked: &mut String) {
        let content = text.trim_start_matches([' ', '\t']);
        let inner = without_markers(content);
        match (&self.fence, fence(inner)) {
            (None, Some(fence)) => {
                marked.push_str(&text[..text.len() - inner.len()]);
                marked.push_str(fence);
                marked.push_str("text");
                marked.push_str(&inner[inner.trim_end().len()..]);
                self.fence = Some(fence.to_owned());
            }
            (Some(open), Some(close)) if close.starts_with(open.as_str()) && inner.trim_end() == close => {
                marked.push_str(text);
                self.fence = None;
            }
            (None, None) if !content.trim_end().is_empty() && text.len() - content.len() > 3 => {
                marked.push_str("   ");
                marked.push_str(content);
            }
            _ => marked.push_str(text),
        }
    }
}

/// What follows the marks of lists and quotations, in which a block of code may begin.
fn without_markers(mut content: &str) -> &str {
    loop {
        let number = content.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let rest = match content.chars().next() {
            Some('>') => &content[1..],
            Some('-' | '*' | '+') => match content[1..].strip_prefix([' ', '\t']) {
                Some(rest) => rest,
                None => return content,
            },
            Some('0'..='9') => match number.strip_prefix(['.', ')']).and_then(|rest| rest.strip_prefix([' ', '\t'])) {
                Some(rest) => rest,
                None => return content,
            },
            _ => return content,
        };
        content = rest.trim_start_matches([' ', '\t']);
    }
}

/// The fence that a line begins with.
fn fence(content: &str) -> Option<&str> {
    let letter = content.chars().next().filter(|letter| matches!(letter, '`' | '~'))?;
    let length = content.len() - content.trim_start_matches(letter).len();
    (length >= 3).then(|| &content[..length])
}

#[cfg(test)]
mod tests {
    use super::marked_as_text;

    #[test]
    fn fenced_code_is_text_whatever_its_language() {
        for (code, marked) in [
            ("/// ```\n/// run();\n/// ```\n", "/// ```text\n/// run();\n/// ```\n"),
            ("    /// ```rust,no_run\n    /// run();\n    /// ```\n", "    /// ```text\n    /// run();\n    /// ```\n"),
            ("///~~~~ rust\n///~~~\n///~~~~\n///~~~\n", "///~~~~text\n///~~~\n///~~~~\n///~~~text\n"),
            (
                "/**Lists.\n\n```\nrun();\n```\nMore.*/\npub fn f() {}\n",
                "/**Lists.\n\n```text\nrun();\n```\nMore.*/\npub fn f() {}\n",
            ),
        ] {
            assert_eq!(marked_as_text(code), marked);
        }
    }

    #[test]
    fn code_in_lists_and_quotations_is_text_too() {
        for begin in ["- ", "* ", "  1. ", "> ", "> - ", "12) "] {
            let code = format!("/// {begin}```rust\n///   run();\n///   ```\n/// And ```this```.\n/// -```\n");
            assert_eq!(marked_as_text(&code), code.replace("```rust", "```text"), "{begin}");
        }
    }

    #[test]
    fn a_block_that_nothing_closes_ends_with_its_documentation() {
        let code = "/// ```\n/// run();\npub struct A;\n/// ```\n/// run();\npub struct B;\n";
        assert_eq!(marked_as_text(code).matches("```text").count(), 2);
    }

    #[test]
    fn indented_code_is_no_code() {
        let code = "/// So:\n///\n///     run();\n/**So:\n\n    run();*/\npub fn f() {\n    run();\n}\n";
        let marked = "/// So:\n///\n///   run();\n/**So:\n\n   run();*/\npub fn f() {\n    run();\n}\n";
        assert_eq!(marked_as_text(code), marked);
    }
}
