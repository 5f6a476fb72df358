//! From YAML events to the tree.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, StrInput, Tag};

use super::node::{Entry, Key, Mapping, Node, Value};
use super::scalar;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};

/// How deep lists and objects may nest, which is more than any contract does. It bounds the stack of everything that walks the
/// tree, and is the limit of `serde_json`, which reads what is made of it.
pub(super) const MAX_DEPTH: usize = 64;
/// How many values all aliases together may add.
const MAX_ALIASED_VALUES: usize = 100_000;

/// The rule for text that is no YAML.
pub const SYNTAX: &str = "yaml-syntax";
/// The rule for YAML that is no JSON, or could swamp a reader.
pub const SUBSET: &str = "yaml-subset";
/// The rule for a duplicate key of a mapping.
pub const DUPLICATE_KEY: &str = "duplicate-key";

/// The tree, and what was wrong with the text but left a tree.
pub(super) struct Read {
    pub(super) root: Node,
    pub(super) findings: Vec<Diagnostic>,
}

/// A subtree that an alias may repeat.
struct Anchored {
    node: Node,
    values: usize,
    depth: usize,
}

/// A subtree, with its size, so that the cost of an alias is known.
struct Subtree {
    node: Node,
    values: usize,
    depth: usize,
}

struct Reader<'text> {
    parser: Parser<'text, StrInput<'text>>,
    source: &'text Source,
    /// Byte offset of each character; empty where the text is ASCII and both are the same.
    offsets: Vec<usize>,
    anchors: HashMap<usize, Anchored>,
    aliased_values: usize,
    findings: Vec<Diagnostic>,
}

type ReadResult<T> = Result<T, Box<Diagnostic>>;

/// Reads one document.
pub(super) fn read(source: &Source) -> Result<Read, Vec<Diagnostic>> {
    let text = source.text();
    let offsets = if text.is_ascii() {
        Vec::new()
    } else {
        text.char_indices().map(|(offset, _)| offset).chain([text.len()]).collect()
    };
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        source,
        offsets,
        anchors: HashMap::new(),
        aliased_values: 0,
        findings: Vec::new(),
    };
    match reader.document() {
        Ok(root) => Ok(Read { root, findings: reader.findings }),
        Err(fatal) => {
            let mut findings = reader.findings;
            findings.push(*fatal);
            Err(findings)
        }
    }
}

impl<'text> Reader<'text> {
    fn span(&self, start: Marker, end: Marker) -> Span {
        let offset = |marker: Marker| {
            if self.offsets.is_empty() {
                marker.index()
            } else {
                self.offsets.get(marker.index()).copied().unwrap_or(self.source.text().len())
            }
        };
        let (start, end) = (offset(start), offset(end));
        self.source.span(start, end.saturating_sub(start))
    }

    fn next(&mut self) -> ReadResult<(Event<'text>, Span)> {
        match self.parser.next_event() {
            None => Ok((Event::StreamEnd, self.source.span(usize::MAX, 0))),
            Some(Ok((event, span))) => Ok((event, self.span(span.start, span.end))),
            Some(Err(error)) => {
                let position = self.span(*error.marker(), *error.marker());
                let help = if error.info().contains("Unicode") {
                    "write the character itself: YAML has no pairs of `\\u` escapes"
                } else {
                    "fix the text at this position, or just before it"
                };
                let finding =
                    Diagnostic::error(SYNTAX, self.source, position, format!("this is not YAML: {}", error.info()));
                Err(Box::new(finding.with_help(help)))
            }
        }
    }

    fn fatal(&self, rule: &'static str, position: Span, message: impl Into<String>) -> Box<Diagnostic> {
        Box::new(Diagnostic::error(rule, self.source, position, message))
    }

    fn subset(&self, position: Span, message: impl Into<String>, help: &str) -> Box<Diagnostic> {
        Box::new(Diagnostic::error(SUBSET, self.source, position, message).with_help(help))
    }

    fn document(&mut self) -> ReadResult<Node> {
        let mut first = self.next()?;
        if first.0 == Event::StreamStart {
            first = self.next()?;
        }
        if !matches!(first.0, Event::DocumentStart(_)) {
            return Err(self.fatal(SYNTAX, self.source.span(0, 0), "the file holds nothing"));
        }
        let (event, position) = self.next()?;
        let root = self.node(event, position, 0)?.node;
        // The end of the document, then of the stream.
        self.next()?;
        match self.next()? {
            (Event::StreamEnd, _) => Ok(root),
            (_, position) => Err(self.subset(
                position,
                "a second YAML document begins here",
                "keep one document in the file and take out what separates them, `---` or `...`",
            )),
        }
    }

    fn node(&mut self, event: Event<'text>, position: Span, depth: usize) -> ReadResult<Subtree> {
        if depth > MAX_DEPTH {
            return Err(self.subset(
                position,
                format!("values are nested deeper than {MAX_DEPTH} levels"),
                "name the inner part as a component and refer to it",
            ));
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if let Some(tag) = tag {
                    return Err(self.tagged(position, &tag));
                }
                let value = self.scalar(&text, style, position)?;
                Ok(self.keep(anchor, Subtree { node: Node { value, span: position }, values: 1, depth: 0 }))
            }
            Event::SequenceStart(anchor, tag) => {
                if let Some(tag) = tag {
                    return Err(self.tagged(position, &tag));
                }
                let subtree = self.sequence(position, depth)?;
                Ok(self.keep(anchor, subtree))
            }
            Event::MappingStart(anchor, tag) => {
                if let Some(tag) = tag {
                    return Err(self.tagged(position, &tag));
                }
                let subtree = self.mapping(position, depth)?;
                Ok(self.keep(anchor, subtree))
            }
            Event::Alias(anchor) => self.alias(anchor, position, depth),
            other => Err(self.fatal(SYNTAX, position, format!("this is not YAML: unexpected {other:?}"))),
        }
    }

    fn sequence(&mut self, position: Span, depth: usize) -> ReadResult<Subtree> {
        let (mut elements, mut values, mut deepest) = (Vec::new(), 1, 0);
        loop {
            let (event, at) = self.next()?;
            if event == Event::SequenceEnd {
                break;
            }
            let element = self.node(event, at, depth + 1)?;
            values += element.values;
            deepest = deepest.max(element.depth + 1);
            elements.push(element.node);
        }
        Ok(Subtree { node: Node { value: Value::Seq(elements), span: position }, values, depth: deepest })
    }

    fn mapping(&mut self, position: Span, depth: usize) -> ReadResult<Subtree> {
        let (mut mapping, mut values, mut deepest) = (Mapping::default(), 1, 0);
        loop {
            let (event, at) = self.next()?;
            if event == Event::MappingEnd {
                break;
            }
            let key = self.key(event, at)?;
            let (event, at) = self.next()?;
            let value = self.node(event, at, depth + 1)?;
            values += value.values;
            deepest = deepest.max(value.depth + 1);
            if let Err((second, first)) = mapping.insert(Entry { key, value: value.node }) {
                self.findings.push(
                    Diagnostic::error(
                        DUPLICATE_KEY,
                        self.source,
                        second.span,
                        format!("`{}` is a duplicate key of this object", second.text),
                    )
                    .with_related(first, "first here")
                    .with_help(format!(
                        "keep one of the two; a reader takes either the first, in line {}, or the last",
                        first.line
                    )),
                );
            }
        }
        Ok(Subtree { node: Node { value: Value::Map(mapping), span: position }, values, depth: deepest })
    }

    fn key(&mut self, event: Event<'text>, position: Span) -> ReadResult<Key> {
        match event {
            Event::Scalar(text, style, _, None) => {
                if text == "<<" && style == ScalarStyle::Plain {
                    return Err(self.subset(
                        position,
                        "`<<` merges mappings in YAML 1.1 only; here it would be a member of that name",
                        "write the members out, or name them as a component and use `$ref` or `allOf`",
                    ));
                }
                Ok(Key { text: text.into_owned(), span: position })
            }
            Event::Scalar(_, _, _, Some(tag)) => Err(self.tagged(position, &tag)),
            _ => Err(self.subset(
                position,
                "this key is not a string",
                "JSON knows no other keys than text; put the key in quotes if text was meant",
            )),
        }
    }

    fn scalar(&self, text: &str, style: ScalarStyle, position: Span) -> ReadResult<Value> {
        if style != ScalarStyle::Plain {
            return Ok(Value::String(text.to_owned()));
        }
        scalar::resolve(text).ok_or_else(|| {
            self.subset(position, format!("JSON has no number `{text}`"), "put it in quotes if text was meant")
        })
    }

    fn tagged(&self, position: Span, tag: &Tag) -> Box<Diagnostic> {
        let tag = if tag.is_yaml_core_schema() { format!("!!{}", tag.suffix) } else { tag.to_string() };
        self.subset(
            position,
            format!("the tag `{tag}` has no meaning in a contract"),
            "take the tag off; quotes make a text of anything",
        )
    }

    /// Remembers a subtree that an anchor names.
    fn keep(&mut self, anchor: usize, subtree: Subtree) -> Subtree {
        if anchor > 0 {
            let Subtree { node, values, depth } = &subtree;
            self.anchors.insert(anchor, Anchored { node: node.clone(), values: *values, depth: *depth });
        }
        subtree
    }

    fn alias(&mut self, anchor: usize, position: Span, depth: usize) -> ReadResult<Subtree> {
        let Some(anchored) = self.anchors.get(&anchor) else {
            return Err(self.subset(
                position,
                "this alias is inside the value that it repeats",
                "name the value as a component and refer to it with `$ref`",
            ));
        };
        self.aliased_values += anchored.values;
        if self.aliased_values > MAX_ALIASED_VALUES || depth + anchored.depth > MAX_DEPTH {
            return Err(self.subset(
                position,
                format!(
                    "the aliases up to here blow the contract up to more than {MAX_ALIASED_VALUES} values or {MAX_DEPTH} levels"
                ),
                "name what is repeated as a component and refer to it with `$ref`",
            ));
        }
        Ok(Subtree { node: anchored.node.clone(), values: anchored.values, depth: anchored.depth })
    }
}
