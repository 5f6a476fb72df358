//! Walks JSON text and the contract's shapes side by side.

use std::borrow::Cow;
use std::ops::Range;

use crate::cursor::{Cursor, Number, Stop, Text, Wanted};
use crate::finding::Code;
use crate::names::Names;
use crate::reading::Reading;
use crate::rules::{self, Fit};
use crate::schema::Schema;
use crate::shape::{Kinds, Member, Members, Others, Shape, Slot};
use crate::suggest;
use crate::witness::{Told, Witness};

/// One walk over one text.
pub(crate) struct Judge<'a, W> {
    pub(crate) cursor: Cursor<'a>,
    pub(crate) witness: W,
    reading: Reading,
    /// How many levels may still open.
    levels: usize,
    /// The schema of the innermost object that has a name.
    schema: &'static str,
}

impl<'a, W: Witness<'a>> Judge<'a, W> {
    pub(crate) fn new(cursor: Cursor<'a>, witness: W, reading: Reading, levels: usize) -> Self {
        Self { cursor, witness, reading, levels, schema: "" }
    }

    /// Judges a whole text.
    pub(crate) fn whole(&mut self, schema: Schema) -> Result<(), Stop> {
        self.schema = schema.0.name;
        self.cursor.blank();
        self.slot(&Slot::new(schema.0, schema.0.description), true)?;
        self.cursor.blank();
        if self.cursor.at_end() { Ok(()) } else { Err(Stop::Damaged(Wanted::EndOfText)) }
    }

    /// Judges the value at the cursor against what belongs there.
    #[inline]
    fn slot(&mut self, slot: &Slot, required: bool) -> Result<(), Stop> {
        let shape = slot.shape;
        let start = self.cursor.at;
        let kind = self.kind()?;
        if kind == Kinds::NULL {
            self.cursor.word(b"null")?;
            let fits = slot.nullable || shape.kinds.allow(Kinds::NULL) || (!required && self.reading.null_is_absent());
            return if fits { Ok(()) } else { self.tell(Code::NullValue, slot, start) };
        }
        if slot.read_only && self.reading.request() && self.reading.strict() {
            self.anything()?;
            return self.tell(Code::ReadOnlyMember, slot, start);
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
                None => self.anything(),
            },
            Kinds::ARRAY if shape.kinds.allow(Kinds::ARRAY) => self.array(slot),
            Kinds::BOOLEAN if shape.kinds.allow(Kinds::BOOLEAN) => self.boolean(),
            _ => {
                self.anything()?;
                self.tell(Code::WrongType, slot, start)
            }
        }
    }

    /// What kind of value begins at the cursor.
    #[inline]
    fn kind(&self) -> Result<Kinds, Stop> {
        Ok(match self.cursor.peek() {
            b'"' => Kinds::TEXT,
            b'{' => Kinds::OBJECT,
            b'[' => Kinds::ARRAY,
            b'-' | b'0'..=b'9' => Kinds::NUMBER,
            b't' | b'f' => Kinds::BOOLEAN,
            b'n' => Kinds::NULL,
            _ => return Err(Stop::Damaged(Wanted::Value)),
        })
    }

    fn boolean(&mut self) -> Result<(), Stop> {
        if self.cursor.peek() == b't' { self.cursor.word(b"true") } else { self.cursor.word(b"false") }
    }

    #[inline]
    fn text(&mut self, slot: &Slot, text: &Text<'a>) -> Result<(), Stop> {
        if text.lone_surrogate {
            return self.tell(Code::LoneSurrogate, slot, text.start);
        }
        let Some(rule) = &slot.shape.text else { return Ok(()) };
        match rules::text(rule, &text.bytes(), self.reading) {
            Fit::Fits => Ok(()),
            Fit::Fails(code) => self.tell(code, slot, text.start),
        }
    }

    #[inline]
    fn number(&mut self, slot: &Slot, number: &Number<'a>) -> Result<(), Stop> {
        if !number.is_finite() {
            return self.tell(Code::NumberTooLarge, slot, number.start);
        }
        if !slot.shape.kinds.allow(Kinds::NUMBER) && !number.is_whole() {
            return self.tell(Code::WrongType, slot, number.start);
        }
        match &slot.shape.number {
            Some(bounds) if !number.is_within(bounds) => self.tell(Code::OutOfBounds, slot, number.start),
            _ => Ok(()),
        }
    }

    /// Goes one level down; the cursor stands on the opening bracket.
    fn open(&mut self) -> Result<(), Stop> {
        self.levels = self.levels.checked_sub(1).ok_or(Stop::Damaged(Wanted::FewerLevels))?;
        self.cursor.at += 1;
        Ok(())
    }

    /// Comes back up; the cursor stands on the closing bracket.
    fn close(&mut self) {
        self.levels += 1;
        self.cursor.at += 1;
    }

    fn array(&mut self, slot: &Slot) -> Result<(), Stop> {
        let start = self.cursor.at;
        self.open()?;
        let items = slot.shape.items.as_ref();
        let mut count = 0;
        if self.cursor.blank() != b']' {
            loop {
                self.witness.enter_item(count);
                match items {
                    Some(items) => self.slot(&items.slot, true)?,
                    None => self.anything()?,
                }
                self.witness.leave();
                count += 1;
                if !self.next(b']', Wanted::CommaInArray)? {
                    break;
                }
                self.cursor.blank();
            }
        }
        self.close();
        match items {
            Some(items) if count < items.least || count > items.most => self.witness.hear(|| Told {
                code: Code::ItemCount,
                at: start..self.cursor.at,
                member: None,
                schema: self.schema,
                expected: rules::range_in_words(items.least, items.most, "item"),
                found: rules::count_in_words(count, "item"),
                description: slot.words(),
                suggestion: None,
            }),
            _ => Ok(()),
        }
    }

    /// Steps over the comma to the next entry; false at the closing bracket, where the cursor stays.
    #[inline]
    fn next(&mut self, closing: u8, wanted: Wanted) -> Result<bool, Stop> {
        match self.cursor.blank() {
            b',' => {
                self.cursor.at += 1;
                Ok(true)
            }
            byte if byte == closing => Ok(false),
            _ => Err(Stop::Damaged(wanted)),
        }
    }

    /// Reads a name and the colon behind it; the cursor ends on the value.
    #[inline]
    fn name(&mut self, wanted: Wanted) -> Result<Text<'a>, Stop> {
        if self.cursor.peek() != b'"' {
            return Err(Stop::Damaged(wanted));
        }
        let name = self.cursor.text()?;
        if self.cursor.peek() != b':' && self.cursor.blank() != b':' {
            return Err(Stop::Damaged(Wanted::Colon));
        }
        self.cursor.at += 1;
        self.cursor.blank();
        Ok(name)
    }

    fn object(&mut self, shape: &'static Shape, members: &'static Members) -> Result<(), Stop> {
        let start = self.cursor.at;
        let outer = self.schema;
        if !shape.name.is_empty() {
            self.schema = shape.name;
        }
        let required =
            if self.reading.request() { members.required_in_requests } else { members.required_in_responses };
        let mut seen: u64 = 0;
        let mut next = 0;
        let mut others: Option<Names<'a>> = None;
        let mut unknown: Vec<Text<'a>> = Vec::new();
        self.open()?;
        if self.cursor.blank() != b'}' {
            let mut wanted = Wanted::NameOrEnd;
            loop {
                let name = self.name(wanted)?;
                self.witness.enter_member(&name);
                let found = if name.escaped {
                    members.find(&name.bytes(), self.reading.request(), next)
                } else {
                    members.find(name.raw, self.reading.request(), next)
                };
                if let Some((place, member)) = found {
                    next = place + 1;
                    let bit = 1 << place;
                    if seen & bit != 0 {
                        self.repeated(&name)?;
                    }
                    seen |= bit;
                    self.slot(&member.slot, required & bit != 0)?;
                } else {
                    let names = others.get_or_insert_with(|| Names::new(self.reading.request()));
                    if names.repeats(&name) {
                        self.repeated(&name)?;
                    }
                    if W::WRITES {
                        unknown.push(name);
                    }
                    self.other(shape, members, &name)?;
                }
                self.witness.leave();
                if !self.next(b'}', Wanted::CommaInObject)? {
                    break;
                }
                self.cursor.blank();
                wanted = Wanted::Name;
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

    /// A member that the shape doesn't list; the cursor stands on its value.
    fn other(&mut self, shape: &'static Shape, members: &'static Members, name: &Text<'a>) -> Result<(), Stop> {
        if name.lone_surrogate {
            self.witness.hear(|| Told {
                code: Code::LoneSurrogate,
                at: name.start..name.end(),
                member: None,
                schema: self.schema,
                expected: "a name of whole characters".to_owned(),
                found: excerpt(self.cursor.source(name.start, name.end())),
                description: None,
                suggestion: None,
            })?;
        }
        match &members.others {
            Others::Each(slot) => return self.slot(slot, true),
            Others::Unknown if self.reading.strict() => {
                self.witness.hear(|| unlisted(shape, members, name, self.reading))?;
            }
            Others::Unknown | Others::Anything => {}
        }
        self.anything()
    }

    fn repeated(&mut self, name: &Text<'a>) -> Result<(), Stop> {
        self.witness.hear(|| Told {
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

    /// Tells of each required member that wasn't there.
    fn missing(
        &mut self,
        members: &'static Members,
        missing: u64,
        unknown: &[Text<'a>],
        start: usize,
    ) -> Result<(), Stop> {
        for (place, member) in members.list.iter().enumerate() {
            if missing & (1 << place) == 0 {
                continue;
            }
            self.witness.hear(|| Told {
                code: Code::MissingMember,
                at: start..start + 1,
                member: Some(Cow::Borrowed(member.name)),
                schema: self.schema,
                expected: format!("the member `{}`", member.name),
                found: "none".to_owned(),
                description: member.slot.words(),
                suggestion: meant(member, unknown),
            })?;
        }
        Ok(())
    }

    /// Steps over a value of any kind; only half characters and endless numbers are found in it.
    fn anything(&mut self) -> Result<(), Stop> {
        match self.kind()? {
            Kinds::NULL => self.cursor.word(b"null"),
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
                if self.cursor.blank() != b'}' {
                    let mut wanted = Wanted::NameOrEnd;
                    loop {
                        let name = self.name(wanted)?;
                        if name.lone_surrogate {
                            self.text(&ANYTHING, &name)?;
                        }
                        self.witness.enter_member(&name);
                        self.anything()?;
                        self.witness.leave();
                        if !self.next(b'}', Wanted::CommaInObject)? {
                            break;
                        }
                        self.cursor.blank();
                        wanted = Wanted::Name;
                    }
                }
                self.close();
                Ok(())
            }
        }
    }

    /// Tells of a value that was just stepped over.
    #[cold]
    fn tell(&mut self, code: Code, slot: &Slot, start: usize) -> Result<(), Stop> {
        let at = start..self.cursor.at;
        self.witness.hear(|| {
            let source = self.cursor.source(at.start, at.end);
            Told {
                code,
                member: None,
                schema: self.schema,
                expected: rules::expectation(code, slot.shape, self.reading),
                found: excerpt(source),
                description: slot.words(),
                suggestion: repair(code, slot.shape, source),
                at: Range { start: at.start, end: at.end },
            }
        })
    }
}

static ANY_SHAPE: Shape = Shape::of(Kinds::ANY);
static ANYTHING: Slot = Slot::new(&ANY_SHAPE, "");

/// A finding about a member that the contract doesn't list here.
fn unlisted<'a>(shape: &'static Shape, members: &'static Members, name: &Text<'a>, reading: Reading) -> Told<'a> {
    let decoded = name.decoded();
    let read_form = Schema(shape).read_form().and_then(|form| form.0.members.as_ref());
    let in_read_form = read_form.filter(|_| reading.request()).and_then(|form| form.find(&name.bytes(), true, 0));
    let code = if in_read_form.is_some() { Code::ReadOnlyMember } else { Code::UnknownMember };
    let suggestion = match in_read_form {
        Some(_) => Some("leave it out: the service sets it".to_owned()),
        None => suggest::nearest(&decoded, members.list.iter().map(|member| member.name))
            .map(|near| format!("did you mean `{near}`?")),
    };
    Told {
        code,
        at: name.start..name.end(),
        member: None,
        schema: shape.name,
        expected: match shape.name {
            "" => "a member that the contract lists".to_owned(),
            schema => format!("a member of {schema}"),
        },
        found: format!("`{}`", shortened(&decoded)),
        description: in_read_form.and_then(|(_, member)| member.slot.words()),
        suggestion,
    }
}

/// The unknown member that was likely meant for a missing one.
fn meant(member: &Member, unknown: &[Text<'_>]) -> Option<String> {
    let names: Vec<Cow<'_, str>> = unknown.iter().take(64).map(Text::decoded).collect();
    let near = suggest::nearest(member.name, names.iter().map(AsRef::as_ref))?;
    Some(format!("`{}` is likely meant to be `{}`", shortened(near), member.name))
}

/// What would make a wrong value right, where that is plain to see.
fn repair(code: Code, shape: &Shape, source: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(source).ok()?;
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let is_object = |inner: &str| inner.starts_with('{') && shape.kinds.allow(Kinds::OBJECT);
    let is_array = |inner: &str| inner.starts_with('[') && shape.kinds.allow(Kinds::ARRAY);
    if code == Code::WrongType && inner.is_some_and(|inner| is_object(inner) || is_array(inner)) {
        return Some(
            "this is JSON written as text: take off the quotes around it and the backslashes in it".to_owned(),
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
            let is_word = shape.kinds.allow(Kinds::BOOLEAN) && matches!(word.as_str(), "true" | "false");
            (is_number || is_word).then(|| format!("write {word} without quotes"))
        }
        (Code::WrongType, None) if shape.kinds.allow(Kinds::TEXT) => {
            let scalar = !text.starts_with(['{', '[']);
            scalar.then(|| format!("write \"{text}\", in quotes"))
        }
        (Code::WrongType, None) if shape.kinds.allow(Kinds::ARRAY) && text.starts_with('{') => {
            Some("put it between brackets, as an array of one item".to_owned())
        }
        (Code::UnknownValue, Some(inner)) => {
            let values = shape.text.as_ref().map_or(&[][..], |rule| rule.values);
            suggest::nearest(inner, values.iter().copied()).map(|near| format!("did you mean \"{near}\"?"))
        }
        (Code::UnreadableDate, Some(inner)) => {
            let mended: String = inner.chars().filter(|letter| !letter.is_whitespace()).collect();
            let readable = crate::date::read(mended.as_bytes()) != crate::date::DateText::Unreadable;
            readable.then(|| format!("without the blanks, \"{mended}\", it is one"))
        }
        (Code::DateWithoutOffset, Some(inner)) => Some(format!("write \"{inner}Z\" if it is meant in UTC")),
        _ => None,
    }
}

/// A value as a finding shows it.
fn excerpt(source: &[u8]) -> String {
    match source.first() {
        Some(b'{') => "an object".to_owned(),
        Some(b'[') => "an array".to_owned(),
        _ => shortened(&String::from_utf8_lossy(source)),
    }
}

/// At most sixty characters of a text.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}
