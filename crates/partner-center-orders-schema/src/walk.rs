//! Validation of JSON text: walks the text and the contract's shapes in parallel.

use std::borrow::Cow;
use std::ops::Range;

use crate::cursor::{Cursor, Expected, Number, Stop, Text};
use crate::finding::Code;
use crate::mode::Mode;
use crate::names::Names;
use crate::rules;
use crate::schema::Schema;
use crate::shape::{Kinds, Member, Members, Others, Shape, Slot};
use crate::sink::{Draft, Sink};
use crate::suggest;

/// One walk over one text.
pub(crate) struct Walk<'a, S> {
    pub(crate) cursor: Cursor<'a>,
    pub(crate) sink: S,
    mode: Mode,
    /// The number of levels that may still be opened.
    levels: usize,
    /// The innermost named schema.
    schema: &'static str,
}

impl<'a, S: Sink<'a>> Walk<'a, S> {
    pub(crate) fn new(cursor: Cursor<'a>, sink: S, mode: Mode, levels: usize) -> Self {
        Self { cursor, sink, mode, levels, schema: "" }
    }

    /// Validates a whole text.
    pub(crate) fn document(&mut self, schema: Schema) -> Result<(), Stop> {
        self.schema = schema.0.name;
        self.cursor.skip_whitespace();
        self.slot(&Slot::new(schema.0, schema.0.description), true)?;
        self.cursor.skip_whitespace();
        if self.cursor.at_end() { Ok(()) } else { Err(Stop::Syntax(Expected::EndOfText)) }
    }

    /// Validates the value at the cursor.
    #[inline]
    fn slot(&mut self, slot: &Slot, required: bool) -> Result<(), Stop> {
        let shape = slot.shape;
        let start = self.cursor.at;
        let kind = self.kind()?;
        if kind == Kinds::NULL {
            self.cursor.literal(b"null")?;
            let allowed = slot.nullable || shape.kinds.allow(Kinds::NULL) || (!required && self.mode.null_is_absent());
            return if allowed { Ok(()) } else { self.report(Code::NullValue, slot, start) };
        }
        if slot.read_only && self.mode.request() && self.mode.strict() {
            self.skip_value()?;
            return self.report(Code::ReadOnlyMember, slot, start);
        }
        match kind {
            Kinds::TEXT if shape.kinds.allow(Kinds::TEXT) => {
                let text = self.cursor.text()?;
                self.text(slot, &text)
            }
            Kinds::NUMBER if shape.kinds.allow(Kinds::NUMBER.or(Kinds::INTEGER)) => {
                let number = self.cursor.number()?;
                self.number(slot, &number)
            }
            Kinds::OBJECT if shape.kinds.allow(Kinds::OBJECT) => match &shape.members {
                Some(members) => self.object(shape, members),
                None => self.skip_value(),
            },
            Kinds::ARRAY if shape.kinds.allow(Kinds::ARRAY) => self.array(slot),
            Kinds::BOOLEAN if shape.kinds.allow(Kinds::BOOLEAN) => self.boolean(),
            _ => {
                self.skip_value()?;
                self.report(Code::WrongType, slot, start)
            }
        }
    }

    /// Returns the kind of the value at the cursor.
    #[inline]
    fn kind(&self) -> Result<Kinds, Stop> {
        Ok(match self.cursor.peek() {
            b'"' => Kinds::TEXT,
            b'{' => Kinds::OBJECT,
            b'[' => Kinds::ARRAY,
            b'-' | b'0'..=b'9' => Kinds::NUMBER,
            b't' | b'f' => Kinds::BOOLEAN,
            b'n' => Kinds::NULL,
            _ => return Err(Stop::Syntax(Expected::Value)),
        })
    }

    fn boolean(&mut self) -> Result<(), Stop> {
        if self.cursor.peek() == b't' { self.cursor.literal(b"true") } else { self.cursor.literal(b"false") }
    }

    #[inline]
    fn text(&mut self, slot: &Slot, text: &Text<'a>) -> Result<(), Stop> {
        if text.lone_surrogate {
            return self.report(Code::LoneSurrogate, slot, text.start);
        }
        let Some(rule) = &slot.shape.text else { return Ok(()) };
        match rules::text(rule, &text.bytes(), self.mode) {
            Ok(()) => Ok(()),
            Err(code) => self.report(code, slot, text.start),
        }
    }

    #[inline]
    fn number(&mut self, slot: &Slot, number: &Number<'a>) -> Result<(), Stop> {
        if !number.is_finite() {
            return self.report(Code::NumberTooLarge, slot, number.start);
        }
        if !slot.shape.kinds.allow(Kinds::NUMBER) && !number.is_whole() {
            return self.report(Code::WrongType, slot, number.start);
        }
        match &slot.shape.number {
            Some(bounds) if !number.is_within(bounds) => self.report(Code::OutOfBounds, slot, number.start),
            _ => Ok(()),
        }
    }

    /// Enters the level whose opening bracket is at the cursor.
    fn open(&mut self) -> Result<(), Stop> {
        self.levels = self.levels.checked_sub(1).ok_or(Stop::Syntax(Expected::LessNesting))?;
        self.cursor.at += 1;
        Ok(())
    }

    /// Leaves the level whose closing bracket is at the cursor.
    fn close(&mut self) {
        self.levels += 1;
        self.cursor.at += 1;
    }

    fn array(&mut self, slot: &Slot) -> Result<(), Stop> {
        let start = self.cursor.at;
        self.open()?;
        let items = slot.shape.items.as_ref();
        let mut count = 0;
        if self.cursor.skip_whitespace() != b']' {
            loop {
                self.sink.enter_item(count);
                match items {
                    Some(items) => self.slot(&items.slot, true)?,
                    None => self.skip_value()?,
                }
                self.sink.leave();
                count += 1;
                if !self.next(b']', Expected::CommaInArray)? {
                    break;
                }
                self.cursor.skip_whitespace();
            }
        }
        self.close();
        match items {
            Some(items) if count < items.least || count > items.most => self.sink.report(|| Draft {
                code: Code::ItemCount,
                at: start..self.cursor.at,
                member: None,
                schema: self.schema,
                expected: rules::describe_range(items.least, items.most, "item"),
                found: rules::describe_count(count, "item"),
                description: slot.about(),
                suggestion: None,
            }),
            _ => Ok(()),
        }
    }

    /// Skips the comma before the next entry; returns false at the closing bracket, where the cursor stays.
    #[inline]
    fn next(&mut self, closing: u8, expected: Expected) -> Result<bool, Stop> {
        match self.cursor.skip_whitespace() {
            b',' => {
                self.cursor.at += 1;
                Ok(true)
            }
            byte if byte == closing => Ok(false),
            _ => Err(Stop::Syntax(expected)),
        }
    }

    /// Reads a name and the colon after it, up to the value.
    #[inline]
    fn name(&mut self, expected: Expected) -> Result<Text<'a>, Stop> {
        if self.cursor.peek() != b'"' {
            return Err(Stop::Syntax(expected));
        }
        let name = self.cursor.text()?;
        if self.cursor.peek() != b':' && self.cursor.skip_whitespace() != b':' {
            return Err(Stop::Syntax(Expected::Colon));
        }
        self.cursor.at += 1;
        self.cursor.skip_whitespace();
        Ok(name)
    }

    fn object(&mut self, shape: &'static Shape, members: &'static Members) -> Result<(), Stop> {
        let start = self.cursor.at;
        let outer = self.schema;
        if !shape.name.is_empty() {
            self.schema = shape.name;
        }
        let required = if self.mode.request() { members.required_in_requests } else { members.required_in_responses };
        let mut seen: u64 = 0;
        let mut next = 0;
        let mut others: Option<Names<'a>> = None;
        let mut unknown: Vec<Text<'a>> = Vec::new();
        self.open()?;
        if self.cursor.skip_whitespace() != b'}' {
            let mut expected = Expected::NameOrEnd;
            loop {
                let name = self.name(expected)?;
                self.sink.enter_member(&name);
                let found = if name.escaped {
                    members.find(&name.bytes(), self.mode.request(), next)
                } else {
                    members.find(name.raw, self.mode.request(), next)
                };
                if let Some((index, member)) = found {
                    next = index + 1;
                    let bit = 1 << index;
                    if seen & bit != 0 {
                        self.duplicate(&name)?;
                    }
                    seen |= bit;
                    self.slot(&member.slot, required & bit != 0)?;
                } else {
                    let names = others.get_or_insert_with(|| Names::new(self.mode.request()));
                    if names.repeats(&name) {
                        self.duplicate(&name)?;
                    }
                    if S::COLLECTS {
                        unknown.push(name);
                    }
                    self.unlisted(shape, members, &name)?;
                }
                if !self.leave_member()? {
                    break;
                }
                expected = Expected::Name;
            }
        }
        self.close();
        let missing = required & !seen;
        if missing != 0 {
            self.missing(members, missing, &unknown, start)?;
        }
        self.schema = outer;
        Ok(())
    }

    /// Ends a member, and returns whether another follows; the cursor is then at its name.
    #[inline]
    fn leave_member(&mut self) -> Result<bool, Stop> {
        self.sink.leave();
        let follows = self.next(b'}', Expected::CommaInObject)?;
        if follows {
            self.cursor.skip_whitespace();
        }
        Ok(follows)
    }

    /// Validates a member that the shape doesn't list; the cursor is at its value.
    fn unlisted(&mut self, shape: &'static Shape, members: &'static Members, name: &Text<'a>) -> Result<(), Stop> {
        if name.lone_surrogate {
            self.sink.report(|| Draft {
                code: Code::LoneSurrogate,
                at: name.start..name.end(),
                member: None,
                schema: self.schema,
                expected: "a name without lone surrogates".to_owned(),
                found: excerpt(self.cursor.source(name.start, name.end())),
                description: None,
                suggestion: None,
            })?;
        }
        match &members.others {
            Others::Each(slot) => return self.slot(slot, true),
            Others::Unknown if self.mode.strict() => {
                self.sink.report(|| unknown_member(shape, members, name, self.mode))?;
            }
            Others::Unknown | Others::Anything => {}
        }
        self.skip_value()
    }

    fn duplicate(&mut self, name: &Text<'a>) -> Result<(), Stop> {
        self.sink.report(|| Draft {
            code: Code::DuplicateMember,
            at: name.start..name.end(),
            member: None,
            schema: self.schema,
            expected: "each member once".to_owned(),
            found: format!("{} again", excerpt(self.cursor.source(name.start, name.end()))),
            description: None,
            suggestion: Some("leave one of them out: readers differ in which one they take".to_owned()),
        })
    }

    /// Reports each required member that is missing.
    fn missing(
        &mut self,
        members: &'static Members,
        missing: u64,
        unknown: &[Text<'a>],
        start: usize,
    ) -> Result<(), Stop> {
        for (index, member) in members.list.iter().enumerate() {
            if missing & (1 << index) == 0 {
                continue;
            }
            self.sink.report(|| Draft {
                code: Code::MissingMember,
                at: start..start + 1,
                member: Some(Cow::Borrowed(member.name)),
                schema: self.schema,
                expected: format!("the member `{}`", member.name),
                found: "none".to_owned(),
                description: member.slot.about(),
                suggestion: likely_misspelling(member, unknown),
            })?;
        }
        Ok(())
    }

    /// Skips a value of any kind; reports only lone surrogates and numbers that are too large.
    fn skip_value(&mut self) -> Result<(), Stop> {
        match self.kind()? {
            Kinds::NULL => self.cursor.literal(b"null"),
            Kinds::BOOLEAN => self.boolean(),
            Kinds::TEXT => {
                let text = self.cursor.text()?;
                self.text(&ANYTHING, &text)
            }
            Kinds::NUMBER => {
                let number = self.cursor.number()?;
                self.number(&ANYTHING, &number)
            }
            Kinds::ARRAY => self.array(&ANYTHING),
            _ => {
                self.open()?;
                if self.cursor.skip_whitespace() != b'}' {
                    let mut expected = Expected::NameOrEnd;
                    loop {
                        let name = self.name(expected)?;
                        if name.lone_surrogate {
                            self.text(&ANYTHING, &name)?;
                        }
                        self.sink.enter_member(&name);
                        self.skip_value()?;
                        if !self.leave_member()? {
                            break;
                        }
                        expected = Expected::Name;
                    }
                }
                self.close();
                Ok(())
            }
        }
    }

    /// Reports the value from `start` to the cursor.
    #[cold]
    fn report(&mut self, code: Code, slot: &Slot, start: usize) -> Result<(), Stop> {
        let at = start..self.cursor.at;
        self.sink.report(|| {
            let source = self.cursor.source(at.start, at.end);
            Draft {
                code,
                member: None,
                schema: self.schema,
                expected: rules::expectation(code, slot.shape, self.mode),
                found: excerpt(source),
                description: slot.about(),
                suggestion: correction(code, slot.shape, source),
                at: Range { start: at.start, end: at.end },
            }
        })
    }
}

static ANY_SHAPE: Shape = Shape::of(Kinds::ANY);
static ANYTHING: Slot = Slot::new(&ANY_SHAPE, "");

/// Returns the finding about a member that the contract doesn't list here.
fn unknown_member<'a>(shape: &'static Shape, members: &'static Members, name: &Text<'a>, mode: Mode) -> Draft<'a> {
    let decoded = name.decoded();
    let read_form = Schema(shape).read_form().and_then(|form| form.0.members.as_ref());
    let in_read_form = read_form.filter(|_| mode.request()).and_then(|form| form.find(&name.bytes(), true, 0));
    let code = if in_read_form.is_some() { Code::ReadOnlyMember } else { Code::UnknownMember };
    let suggestion = match in_read_form {
        Some(_) => Some("leave it out: the service sets it".to_owned()),
        None => suggest::nearest(&decoded, members.list.iter().map(|member| member.name))
            .map(|similar| format!("did you mean `{similar}`?")),
    };
    Draft {
        code,
        at: name.start..name.end(),
        member: None,
        schema: shape.name,
        expected: match shape.name {
            "" => "a member that the contract lists".to_owned(),
            schema => format!("a member of {schema}"),
        },
        found: format!("`{}`", shortened(&decoded)),
        description: in_read_form.and_then(|(_, member)| member.slot.about()),
        suggestion,
    }
}

/// Suggests the unknown member that is likely a missing one, misspelt.
fn likely_misspelling(member: &Member, unknown: &[Text<'_>]) -> Option<String> {
    let names: Vec<Cow<'_, str>> = unknown.iter().take(64).map(Text::decoded).collect();
    let similar = suggest::nearest(member.name, names.iter().map(AsRef::as_ref))?;
    Some(format!("`{}` is likely meant to be `{}`", shortened(similar), member.name))
}

/// Suggests how to correct a value, if that is obvious.
fn correction(code: Code, shape: &Shape, source: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(source).ok()?;
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let is_object = |inner: &str| inner.starts_with('{') && shape.kinds.allow(Kinds::OBJECT);
    let is_array = |inner: &str| inner.starts_with('[') && shape.kinds.allow(Kinds::ARRAY);
    if code == Code::WrongType && inner.is_some_and(|inner| is_object(inner) || is_array(inner)) {
        return Some(
            "this is JSON written as a string: delete the quotes around it and the backslashes in it".to_owned(),
        );
    }
    if text.len() > 200 && !text.starts_with('{') {
        return None;
    }
    match (code, inner) {
        (Code::WrongType, Some(inner)) => {
            let number = shape.kinds.allow(Kinds::NUMBER.or(Kinds::INTEGER));
            let is_number = number && {
                let mut cursor = Cursor::new(inner.as_bytes(), 0);
                cursor
                    .number()
                    .is_ok_and(|number| cursor.at_end() && (shape.kinds.allow(Kinds::NUMBER) || number.is_whole()))
            };
            let word = inner.to_ascii_lowercase();
            let is_boolean = shape.kinds.allow(Kinds::BOOLEAN) && matches!(word.as_str(), "true" | "false");
            (is_number || is_boolean).then(|| format!("write {word} without quotes"))
        }
        (Code::WrongType, None) if shape.kinds.allow(Kinds::TEXT) => {
            let scalar = !text.starts_with(['{', '[']);
            scalar.then(|| format!("write \"{text}\", in quotes"))
        }
        (Code::WrongType, None) if shape.kinds.allow(Kinds::ARRAY) && text.starts_with('{') => {
            Some("write it in brackets, as an array of one item".to_owned())
        }
        (Code::UnknownValue, Some(inner)) => {
            let values = shape.text.as_ref().map_or(&[][..], |rule| rule.values);
            suggest::nearest(inner, values.iter().copied()).map(|similar| format!("did you mean \"{similar}\"?"))
        }
        (Code::UnreadableDate, Some(inner)) => {
            let compact: String = inner.chars().filter(|letter| !letter.is_whitespace()).collect();
            let readable = crate::date::read(compact.as_bytes()) != crate::date::DateText::Unreadable;
            readable.then(|| format!("write it without spaces: \"{compact}\""))
        }
        (Code::DateWithoutOffset, Some(inner)) => Some(format!("write \"{inner}Z\" if it is in UTC")),
        _ => None,
    }
}

/// Describes a value for a finding.
fn excerpt(source: &[u8]) -> String {
    match source.first() {
        Some(b'{') => "an object".to_owned(),
        Some(b'[') => "an array".to_owned(),
        _ => shortened(&String::from_utf8_lossy(source)),
    }
}

/// Returns at most sixty characters of a text.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}
