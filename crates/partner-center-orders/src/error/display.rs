//! An error as a line in a log.

use std::error::Error as StdError;
use std::fmt;

use partner_center_orders_api::runtime::Escaped;

use super::{Error, ErrorKind};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &*self.0;
        match details.operation {
            Some(operation) => write!(f, "{operation} failed: ")?,
            None => f.write_str("failed: ")?,
        }
        if let Some(element) = details.element {
            write!(f, "element {element}: ")?;
        }
        self.write_cause(f)?;
        if let Some(wait) = details.retry_after {
            write!(f, " Wait {} s.", wait.as_secs_f32().ceil())?;
        }
        if details.kind != ErrorKind::Authentication
            && let Some(hint) = self.hint()
        {
            write!(f, " {hint}")?;
        }
        if details.pending_write.is_some() {
            f.write_str(" Whether the write took place is not known: resume it with this request id.")?;
        }
        if let Some(ids) = details.ids {
            write!(f, " (request id {}, correlation id {}", ids.request, ids.correlation)?;
            if details.attempts > 1 {
                write!(f, ", {} attempts", details.attempts)?;
            }
            f.write_str(")")?;
        }
        Ok(())
    }
}

impl Error {
    fn write_cause(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &*self.0;
        if let Some(what) = &details.what {
            return write!(f, "{}.", OneLine(what));
        }
        if let Some(error) = self.credential_error() {
            return write!(f, "{error}.");
        }
        let Some(status) = details.status else {
            return match &details.source {
                Some(source) => write!(f, "{}.", Causes(&**source)),
                None => write!(f, "{:?}.", details.kind),
            };
        };
        write!(f, "{status}")?;
        if let Some(code) = details.fault.as_ref().and_then(|fault| fault.code.as_ref()) {
            write!(f, ", code {}", OneLine(&code.as_text()))?;
        }
        let meaning = self.code().and_then(|code| code.meaning_with(Some(status.as_u16())));
        match (meaning, self.description(), &details.source) {
            (Some(meaning), ..) => write!(f, ": {meaning}"),
            (None, Some(description), _) => write!(f, ": {}", OneLine(description)),
            (None, None, Some(source)) => write!(f, ": {}.", Causes(&**source)),
            (None, None, None) => f.write_str("."),
        }
    }
}

/// A foreign text on one line, and no longer than a line should be.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 300;
        const LONGEST_WORD: usize = 40;
        let words = self.0.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        let mut left = LONGEST;
        for (number, word) in words.enumerate() {
            let separator = if number == 0 { "" } else { " " };
            if separator.len() + word.len() <= left {
                write!(f, "{separator}{}", Escaped(word))?;
                left -= separator.len() + word.len();
                continue;
            }
            // A text without blanks, as in Chinese or Japanese, is cut between two characters.
            let room = if word.len() > LONGEST_WORD { left.saturating_sub(separator.len()) } else { 0 };
            let cut = (0..=room).rev().find_map(|at| word.get(..at)).unwrap_or_default();
            return write!(f, "{separator}{}…", Escaped(cut));
        }
        Ok(())
    }
}

/// An error with its causes, on one line.
struct Causes<'a>(&'a (dyn StdError + 'static));

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", OneLine(&self.0.to_string()))?;
        let mut next = self.0.source();
        while let Some(cause) = next {
            write!(f, ": {}", OneLine(&cause.to_string()))?;
            next = cause.source();
        }
        Ok(())
    }
}
