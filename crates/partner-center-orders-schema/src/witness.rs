//! Who listens to the judge: one that only wants a verdict, and one that writes everything down.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use crate::cursor::{Stop, Text};
use crate::finding::{Code, Finding, Report};
use crate::places::Places;

/// A finding as the judge tells it.
pub(crate) struct Told<'a> {
    pub(crate) code: Code,
    /// Where in the text.
    pub(crate) at: Range<usize>,
    /// The member of the current value that it is about, if it isn't the value itself.
    pub(crate) member: Option<Cow<'a, str>>,
    pub(crate) schema: &'static str,
    pub(crate) expected: String,
    pub(crate) found: String,
    pub(crate) description: Option<&'static str>,
    pub(crate) suggestion: Option<String>,
}

/// Hears what the judge finds, and where it is.
pub(crate) trait Witness<'a> {
    /// Whether findings are worth the work of wording them.
    const WRITES: bool;

    /// The judge goes into a member.
    fn enter_member(&mut self, name: &Text<'a>);
    /// The judge goes into an item.
    fn enter_item(&mut self, at: usize);
    /// The judge comes back.
    fn leave(&mut self);
    /// A finding; the judge stops where it is told so.
    fn hear(&mut self, told: impl FnOnce() -> Told<'a>) -> Result<(), Stop>;
}

/// Wants to know only whether there is any finding.
pub(crate) struct Verdict;

impl<'a> Witness<'a> for Verdict {
    const WRITES: bool = false;

    #[inline]
    fn enter_member(&mut self, _: &Text<'a>) {}
    #[inline]
    fn enter_item(&mut self, _: usize) {}
    #[inline]
    fn leave(&mut self) {}
    #[inline]
    fn hear(&mut self, _: impl FnOnce() -> Told<'a>) -> Result<(), Stop> {
        Err(Stop::Refused)
    }
}

enum Step<'a> {
    Member(Text<'a>),
    Item(usize),
}

/// Writes down every finding, up to a limit.
pub(crate) struct Protocol<'a> {
    path: Vec<Step<'a>>,
    /// Where each finding begins, and the finding.
    findings: Vec<(usize, Finding)>,
    more: usize,
    limit: usize,
    /// So many bytes of pointers may still be kept: a payload with long names must not cost more than it weighs.
    room: usize,
}

/// For the pointers of all findings together.
const ROOM: usize = 16 * 1024 * 1024;

impl Protocol<'_> {
    pub(crate) fn new(limit: usize) -> Self {
        Self { path: Vec::new(), findings: Vec::new(), more: 0, limit, room: ROOM }
    }

    /// The report; with places in `text`, or without any where there is no text.
    pub(crate) fn close(mut self, text: Option<&[u8]>) -> Report {
        // A missing member is noticed at the end of its object and stands at its beginning.
        self.findings.sort_by_key(|(offset, _)| *offset);
        let mut places = text.map(Places::new);
        let findings = self.findings.into_iter().map(|(offset, mut finding)| {
            match &mut places {
                Some(places) => finding.place = Some(places.at(offset)),
                None => finding.length = 0,
            }
            finding
        });
        Report { findings: findings.collect(), more: self.more }
    }

    /// The current pointer, and the same with `*` for places in arrays.
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

impl<'a> Witness<'a> for Protocol<'a> {
    const WRITES: bool = true;

    fn enter_member(&mut self, name: &Text<'a>) {
        self.path.push(Step::Member(*name));
    }

    fn enter_item(&mut self, at: usize) {
        self.path.push(Step::Item(at));
    }

    fn leave(&mut self) {
        self.path.pop();
    }

    fn hear(&mut self, told: impl FnOnce() -> Told<'a>) -> Result<(), Stop> {
        if self.findings.len() >= self.limit || self.room == 0 {
            self.more += 1;
            return Ok(());
        }
        let Told { code, at, member, schema, expected, found, description, suggestion } = told();
        let (pointer, pattern) = self.pointers(member.as_deref());
        self.room = self.room.saturating_sub(pointer.len() + pattern.len());
        let finding = Finding {
            code,
            pointer,
            pattern,
            place: None,
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
