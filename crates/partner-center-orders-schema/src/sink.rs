//! The two ways of taking the findings of a walk: stop at the first one, or collect them all.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use crate::cursor::{Stop, Text};
use crate::finding::{Code, Finding, Report};
use crate::locator::Locator;

/// A finding without pointer and location, which the sink adds.
pub(crate) struct Draft<'a> {
    pub(crate) code: Code,
    /// The bytes of the payload that it concerns.
    pub(crate) at: Range<usize>,
    /// The member of the current value that it concerns; `None` for the value itself.
    pub(crate) member: Option<Cow<'a, str>>,
    pub(crate) schema: &'static str,
    pub(crate) expected: String,
    pub(crate) found: String,
    pub(crate) description: Option<&'static str>,
    pub(crate) suggestion: Option<String>,
}

/// Takes the findings of a walk, and follows its path.
pub(crate) trait Sink<'a> {
    /// Whether findings are used, so that preparing their texts is worth the work.
    const COLLECTS: bool;

    /// The walk enters a member.
    fn enter_member(&mut self, name: &Text<'a>);
    /// The walk enters an item.
    fn enter_item(&mut self, at: usize);
    /// The walk leaves a member or item.
    fn leave(&mut self);
    /// Takes a finding. The walk stops at an error.
    fn report(&mut self, draft: impl FnOnce() -> Draft<'a>) -> Result<(), Stop>;
}

/// Stops the walk at the first finding.
pub(crate) struct StopAtFirst;

impl<'a> Sink<'a> for StopAtFirst {
    const COLLECTS: bool = false;

    #[inline]
    fn enter_member(&mut self, _: &Text<'a>) {}
    #[inline]
    fn enter_item(&mut self, _: usize) {}
    #[inline]
    fn leave(&mut self) {}
    #[inline]
    fn report(&mut self, _: impl FnOnce() -> Draft<'a>) -> Result<(), Stop> {
        Err(Stop::AtFinding)
    }
}

enum Step<'a> {
    Member(Text<'a>),
    Item(usize),
}

/// Collects findings, up to a limit.
pub(crate) struct Collector<'a> {
    path: Vec<Step<'a>>,
    /// The offset of each finding, and the finding.
    findings: Vec<(usize, Finding)>,
    omitted: usize,
    limit: usize,
    /// The bytes of pointers that may still be kept: a payload with long names must not take many times its size in memory.
    pointer_bytes_left: usize,
}

/// The most bytes that the pointers of all findings take together.
const MAX_POINTER_BYTES: usize = 16 * 1024 * 1024;

impl Collector<'_> {
    pub(crate) fn new(limit: usize) -> Self {
        Self { path: Vec::new(), findings: Vec::new(), omitted: 0, limit, pointer_bytes_left: MAX_POINTER_BYTES }
    }

    /// Returns the report, with locations in `text` if there is one.
    pub(crate) fn into_report(mut self, text: Option<&[u8]>) -> Report {
        // A missing member is noticed at the end of its object and located at its beginning.
        self.findings.sort_by_key(|(offset, _)| *offset);
        let mut locator = text.map(Locator::new);
        let findings = self.findings.into_iter().map(|(offset, mut finding)| {
            match &mut locator {
                Some(locator) => finding.location = Some(locator.locate(offset)),
                None => finding.length = 0,
            }
            finding
        });
        Report { findings: findings.collect(), omitted: self.omitted }
    }

    /// Returns the current pointer, and the same with `*` for indices of arrays.
    fn pointers(&self, member: Option<&str>) -> (String, String) {
        let (mut pointer, mut pattern) = (String::new(), String::new());
        for step in &self.path {
            match step {
                Step::Member(name) => {
                    let name = name.decoded();
                    push_token(&mut pointer, &name);
                    push_token(&mut pattern, &name);
                }
                Step::Item(at) => {
                    // Writing into a String can't fail.
                    let _ = write!(pointer, "/{at}");
                    pattern.push_str("/*");
                }
            }
        }
        if let Some(member) = member {
            push_token(&mut pointer, member);
            push_token(&mut pattern, member);
        }
        (pointer, pattern)
    }
}

/// Appends one reference token of RFC 6901.
fn push_token(pointer: &mut String, name: &str) {
    pointer.push('/');
    for letter in name.chars() {
        match letter {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

impl<'a> Sink<'a> for Collector<'a> {
    const COLLECTS: bool = true;

    fn enter_member(&mut self, name: &Text<'a>) {
        self.path.push(Step::Member(*name));
    }

    fn enter_item(&mut self, at: usize) {
        self.path.push(Step::Item(at));
    }

    fn leave(&mut self) {
        self.path.pop();
    }

    fn report(&mut self, draft: impl FnOnce() -> Draft<'a>) -> Result<(), Stop> {
        if self.findings.len() >= self.limit || self.pointer_bytes_left == 0 {
            self.omitted += 1;
            return Ok(());
        }
        let Draft { code, at, member, schema, expected, found, description, suggestion } = draft();
        let (pointer, pattern) = self.pointers(member.as_deref());
        self.pointer_bytes_left = self.pointer_bytes_left.saturating_sub(pointer.len() + pattern.len());
        let finding = Finding {
            code,
            pointer,
            pattern,
            location: None,
            length: at.len(),
            schema,
            expected,
            found,
            description,
            suggestion,
        };
        self.findings.push((at.start, finding));
        Ok(())
    }
}
