//! Excerpts of a payload with a message at the location concerned.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::IsTerminal as _;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

/// Longer lines are shown in part: the service writes its JSON in a single line.
const LONG: usize = 160;
/// The number of bytes of a long line shown before and after the location.
const AROUND: usize = 60;

/// The text of a payload, with the name of its file.
pub(crate) struct Text<'t> {
    pub(crate) name: &'t str,
    pub(crate) text: Cow<'t, str>,
}

impl Text<'_> {
    /// Returns the start and end of the line that contains an offset.
    fn line(&self, offset: usize) -> (usize, usize) {
        let bytes = self.text.as_bytes();
        let offset = offset.min(bytes.len());
        let start = bytes[..offset].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let end = bytes[offset..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| offset + at);
        (start, end)
    }

    /// Returns the nearest character boundary at or before an offset.
    fn boundary(&self, mut at: usize) -> usize {
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

impl SourceCode for Text<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = self.line(span.offset());
        let is_long = |(start, end): (usize, usize)| end - start > LONG;
        let neighbours = [start.checked_sub(1), (end < self.text.len()).then_some(end + 1)];
        let long = is_long((start, end)) || neighbours.into_iter().flatten().any(|at| is_long(self.line(at)));
        if !long {
            let contents = self.text.as_bytes().read_span(span, lines_before, lines_after)?;
            // Columns count characters, as everywhere in this program.
            let column = match lines_before {
                0 => self.text[start..self.boundary(span.offset())].chars().count(),
                _ => contents.column(),
            };
            return Ok(Box::new(MietteSpanContents::new_named(
                self.name.to_owned(),
                contents.data(),
                *contents.span(),
                contents.line(),
                column,
                contents.line_count(),
            )));
        }
        let from = if lines_before == 0 { span.offset() } else { start.max(span.offset().saturating_sub(AROUND)) };
        let from = self.boundary(from);
        let until = self.boundary(end.min(span.offset() + span.len().min(AROUND) + AROUND));
        let until = until.max(from);
        let before = &self.text[..from];
        let column = self.text[start..from].chars().count();
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.to_owned(),
            &self.text.as_bytes()[from..until],
            SourceSpan::from(from..until),
            before.bytes().filter(|byte| *byte == b'\n').count(),
            column,
            1,
        )))
    }
}

/// A message about a location in a text.
pub(crate) struct Excerpt<'t> {
    pub(crate) text: &'t Text<'t>,
    pub(crate) message: String,
    pub(crate) code: &'static str,
    pub(crate) offset: usize,
    pub(crate) length: usize,
    pub(crate) label: String,
    pub(crate) help: Option<String>,
}

impl std::fmt::Debug for Excerpt<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Excerpt<'_> {}

impl Diagnostic for Excerpt<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.text)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        // A span of many lines is shown by its first line.
        let (_, end) = self.text.line(self.offset);
        let length = self.length.min(end.saturating_sub(self.offset)).min(AROUND);
        let length = self.text.boundary(self.offset + length) - self.offset;
        Some(Box::new(std::iter::once(LabeledSpan::new(Some(self.label.clone()), self.offset, length))))
    }
}

/// Renders excerpts, in colour on a terminal only.
pub(crate) struct Renderer(GraphicalReportHandler);

impl Renderer {
    /// Creates a renderer for standard output.
    pub(crate) fn for_stdout() -> Self {
        let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        Self(GraphicalReportHandler::new_themed(theme).with_links(false).with_width(120))
    }

    pub(crate) fn render(&self, excerpt: &Excerpt<'_>, out: &mut String) {
        if self.0.render_report(out, excerpt).is_err() {
            // The message is shown even if the excerpt can't be rendered.
            let _ = writeln!(out, "{excerpt}");
        }
    }
}
