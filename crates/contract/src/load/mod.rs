//! Reading a contract: one tree with positions, from which everything else is made.

mod json;
mod node;
mod order;
mod read;
mod scalar;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use node::{Entry, Key, Mapping, Node, Value};
pub use order::MemberOrder;
pub use read::{DUPLICATE_KEY, SUBSET, SYNTAX};

use crate::diagnostic::{Diagnostic, Report};
use crate::files;
use crate::pointer::{escaped, unescaped};
use crate::source::{Source, Span};

/// Longer chains of references than a usable contract has.
pub const MAX_REFERENCES: usize = 64;

/// A contract as it was read, not yet validated.
#[derive(Clone, Debug)]
pub struct Document {
    source: Source,
    root: Node,
    findings: Vec<Diagnostic>,
    folder: Option<PathBuf>,
}

/// Reads the contract in a file: YAML 1.2, and thereby JSON.
///
/// # Errors
/// When the file can't be read or isn't a single YAML document; then there is no tree to look at. What leaves a tree
/// (a duplicate key) is among the document's [`findings`](Document::findings).
pub fn load(path: &Path) -> Result<Document, Report> {
    let name = path.display().to_string();
    let bytes = files::read(path).map_err(|error| {
        let source = Source::new(&name, "");
        let finding =
            Diagnostic::error(read::SYNTAX, &source, source.span(0, 0), format!("can't read the file: {error}"));
        Report::new(source, vec![finding])
    })?;
    let mut document = parse_bytes(&name, &bytes)?;
    document.folder = path.parent().map(Path::to_path_buf);
    Ok(document)
}

/// Reads a contract from bytes that claim to be UTF-8; `name` is what messages call it.
///
/// # Errors
/// As [`load`].
pub fn parse_bytes(name: &str, bytes: &[u8]) -> Result<Document, Report> {
    match std::str::from_utf8(bytes) {
        Ok(text) => parse(name, text),
        Err(error) => {
            let (valid, _) = bytes.split_at(error.valid_up_to());
            let source = Source::new(name, &String::from_utf8_lossy(valid));
            let finding =
                Diagnostic::error(read::SYNTAX, &source, source.span(usize::MAX, 0), "here the file stops being UTF-8")
                    .with_help("save the file as UTF-8");
            Err(Report::new(source, vec![finding]))
        }
    }
}

/// Reads a contract from text; `name` is what messages call it.
///
/// # Errors
/// As [`load`].
pub fn parse(name: &str, text: &str) -> Result<Document, Report> {
    let source = Source::new(name, text.strip_prefix('\u{feff}').unwrap_or(text));
    match read::read(&source) {
        Ok(read::Read { root, findings }) => Ok(Document { source, root, findings, folder: None }),
        Err(findings) => Err(Report::new(source, findings)),
    }
}

impl Document {
    /// The name that messages use.
    pub fn name(&self) -> &str {
        self.source.name()
    }

    /// The text.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The text, shared.
    pub fn text(&self) -> Arc<str> {
        Arc::clone(self.source.text())
    }

    /// The tree.
    pub fn tree(&self) -> &Node {
        &self.root
    }

    /// What was wrong with the text but left a tree.
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }

    /// The folder that the contract lies in, if it came from a file.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// The node under a JSON pointer (RFC 6901), such as `/components/schemas/Order`.
    pub fn pointer(&self, pointer: &str) -> Option<&Node> {
        if pointer.is_empty() {
            return Some(&self.root);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(&self.root, |node, token| match &node.value {
            Value::Map(mapping) => mapping.get(&unescaped(token)),
            Value::Seq(elements) => elements.get(token.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// Follows references to what they lead to; `None` if they lead nowhere or in a circle.
    pub fn resolve<'a>(&'a self, node: &'a Node) -> Option<&'a Node> {
        let mut node = node;
        for _ in 0..MAX_REFERENCES {
            match node.get("$ref") {
                None => return Some(node),
                Some(target) => node = self.pointer(target.as_str()?.strip_prefix('#')?)?,
            }
        }
        None
    }

    /// The JSON pointer of what is at a position: of the entry whose key or value begins there, or else of the
    /// innermost value around it.
    pub fn pointer_at(&self, position: Span) -> String {
        let mut pointer = String::new();
        let mut node = &self.root;
        loop {
            let inner = match &node.value {
                Value::Map(mapping) => last_before(mapping.iter(), position, |entry| entry.key.span.offset)
                    .map(|(_, entry)| (escaped(&entry.key.text), &entry.value)),
                Value::Seq(elements) => last_before(elements.iter(), position, |element| element.span.offset)
                    .map(|(index, element)| (index.to_string().into(), element)),
                _ => None,
            };
            let Some((token, value)) = inner else { return pointer };
            pointer.push('/');
            pointer.push_str(&token);
            node = value;
        }
    }

    /// The tree as JSON, without positions. Key order is that of `serde_json`, alphabetical by default.
    pub fn to_json(&self) -> serde_json::Value {
        self.root.to_json()
    }

    /// The order in which the schemas name their members, which [`to_json`](Self::to_json) doesn't keep.
    pub fn member_order(&self) -> MemberOrder {
        MemberOrder::of(self)
    }
}

/// The last item that begins at or before a position. Items that an alias put there begin elsewhere and don't mislead: the
/// search takes the nearest start.
fn last_before<'a, T>(
    items: impl Iterator<Item = &'a T>,
    position: Span,
    start: impl Fn(&T) -> usize,
) -> Option<(usize, &'a T)> {
    items.enumerate().filter(|(_, item)| start(item) <= position.offset).max_by_key(|(_, item)| start(item))
}

#[cfg(test)]
mod tests {
    use super::read::MAX_DEPTH;
    use super::*;

    fn document(text: &str) -> Document {
        parse("contract.yaml", text).unwrap_or_else(|report| panic!("{report}"))
    }

    fn fault(text: &str) -> (&'static str, usize, usize, String) {
        let report = parse("contract.yaml", text).expect_err("this text has no tree");
        let finding = report.iter().next_back().expect("a report holds a finding").clone();
        (finding.rule, finding.line, finding.column, finding.message)
    }

    #[test]
    fn every_value_knows_its_line_and_column() {
        let document = document("a: 1\nb:\n  - x\n  - {c: 'é', d: yes}\n");
        let position = |pointer| {
            let span = document.pointer(pointer).map(|node| node.span).unwrap_or_default();
            (span.line, span.column, span.length)
        };
        assert_eq!(position("/a"), (1, 4, 1));
        assert_eq!(position("/b/0"), (3, 5, 1));
        assert_eq!(position("/b/1/c"), (4, 9, 4));
        assert_eq!(position("/b/1/d"), (4, 17, 3));
    }

    #[test]
    fn pointers_follow_rfc_6901() {
        let document = document("paths:\n  /a/{b}: {x~y: [1, 2]}\n");
        assert_eq!(document.pointer("/paths/~1a~1{b}/x~0y/1").map(|node| &node.value), Some(&Value::Int(2)));
        assert_eq!(document.pointer("").map(Node::kind), Some("an object"));
        assert_eq!(document.pointer("/paths/0"), None);
        assert_eq!(document.pointer("paths"), None);
    }

    #[test]
    fn a_position_leads_back_to_its_pointer() {
        let document = document("paths:\n  /a/{b}:\n    x~y: [1, 2]\n    z:\n");
        for pointer in ["/paths/~1a~1{b}/x~0y/1", "/paths/~1a~1{b}/x~0y/0"] {
            let position = document.pointer(pointer).map(|node| node.span).unwrap_or_default();
            assert_eq!(document.pointer_at(position), pointer);
        }
        let item = document.pointer("/paths/~1a~1{b}").and_then(|item| item.entry("z"));
        assert_eq!(item.map(|entry| document.pointer_at(entry.value_span())).as_deref(), Some("/paths/~1a~1{b}/z"));
    }

    #[test]
    fn json_is_yaml_too() {
        let document = document("{\"a\": [1, 2.5, null, true, \"x\"]}");
        assert_eq!(document.to_json(), serde_json::json!({"a": [1, 2.5, null, true, "x"]}));
    }

    #[test]
    fn keys_are_text_as_written() {
        assert_eq!(
            document("200: a\n0x1F: b\nnull: c\n").to_json(),
            serde_json::json!({"200": "a", "0x1F": "b", "null": "c"})
        );
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        let document = document("\u{feff}a: b\n");
        assert_eq!(document.pointer("/a").map(|node| node.span.column), Some(4));
    }

    #[test]
    fn an_alias_repeats_what_its_anchor_names() {
        let document = document("a: &x {n: [1, 2]}\nb: *x\n");
        assert_eq!(document.to_json(), serde_json::json!({"a": {"n": [1, 2]}, "b": {"n": [1, 2]}}));
    }

    #[test]
    fn aliases_that_expand_without_bound_are_rejected() {
        let mut lines = vec!["l0: &l0 [x, x, x, x, x, x, x, x, x, x]".to_owned()];
        for level in 1..9 {
            let aliases = vec![format!("*l{}", level - 1); 10].join(", ");
            lines.push(format!("l{level}: &l{level} [{aliases}]"));
        }
        let (rule, line, _, message) = fault(&lines.join("\n"));
        assert_eq!((rule, line), (SUBSET, 5), "{message}");
    }

    #[test]
    fn an_alias_inside_its_own_value_is_rejected() {
        assert_eq!((fault("a: &x\n  b: *x\n").0, fault("a: &x\n  b: *x\n").1), (SUBSET, 2));
    }

    #[test]
    fn unbounded_nesting_is_rejected() {
        let text = "- ".repeat(200) + "x";
        assert_eq!(fault(&text).0, SUBSET);
    }

    #[test]
    fn nesting_has_a_limit_on_a_small_stack() {
        let work = || {
            for (open, close) in [("- ", ""), ("[", "]"), ("{a: ", "}"), ("[{a: ", "}]"), ("? ", "")] {
                for levels in [200, 10_000] {
                    let text = format!("{}x{}", open.repeat(levels), close.repeat(levels));
                    let report = parse("contract.yaml", &text).expect_err("it nests too deep");
                    assert!(report.has_errors(), "{open}");
                }
            }
            let text = format!("{}x{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
            let document = document(&text);
            let json = document.to_json().to_string();
            assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
            assert!(!format!("{document:?}").is_empty());
            assert!(parse("contract.yaml", &format!("[{text}]")).is_err());
            // Aliases count for what they repeat.
            let aliased =
                format!("a: &a {}x{}\nb: {}*a {}", "[".repeat(70), "]".repeat(70), "[".repeat(70), "]".repeat(70));
            assert_eq!(fault(&aliased).0, SUBSET);
        };
        std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
    }

    #[test]
    fn a_key_that_stands_twice_is_found_at_its_second_position() {
        let document = document("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n");
        let positions: Vec<_> =
            document.findings().iter().map(|found| (found.rule, found.line, found.column)).collect();
        assert_eq!(positions, [(DUPLICATE_KEY, 5, 3)]);
        assert_eq!(document.pointer("/b/c").map(|node| &node.value), Some(&Value::Int(1)));
    }

    #[test]
    fn invalid_json_is_rejected_with_its_position() {
        for (text, line, column) in [
            ("a: !!str x\n", 1, 4),
            ("a: b\n---\nc: d\n", 2, 1),
            ("a:\n  ? [x]\n  : y\n", 2, 5),
            ("a: &b {c: d}\ne:\n  <<: *b\n", 3, 3),
            ("a: .nan\n", 1, 4),
        ] {
            let (rule, at_line, at_column, message) = fault(text);
            assert_eq!((rule, at_line, at_column), (SUBSET, line, column), "{text:?}: {message}");
        }
    }

    #[test]
    fn invalid_yaml_is_rejected_with_its_position() {
        for (text, line) in [("a: [1, 2\nb: 3\n", 2), ("a: 'x\n", 1), ("a: b: c\n", 1), ("", 1), ("a: *missing\n", 1)] {
            let (rule, at_line, _, message) = fault(text);
            assert_eq!((rule, at_line), (SYNTAX, line), "{text:?}: {message}");
        }
        assert_eq!(
            parse_bytes("x", b"a: b\nc: \xff")
                .map(|_| ())
                .map_err(|report| { report.iter().map(|found| (found.line, found.column)).collect::<Vec<_>>() }),
            Err(vec![(2, 4)])
        );
    }
}
