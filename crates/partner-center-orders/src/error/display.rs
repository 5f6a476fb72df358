//! An error as a line in a log.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
use partner_center_orders_api::runtime::Escaped;

use super::{Error, ErrorKind};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &*self.0;
        match (details.request, details.operation) {
            (Some(request), _) => write!(f, "{request} failed: ")?,
            (None, Some(operation)) => write!(f, "{operation} failed: ")?,
            (None, None) => f.write_str("the call failed: ")?,
        }
        if let Some(element) = details.element {
            write!(f, "element {element}: ")?;
        }
        let delay = details.retry_after.filter(|delay| !delay.is_zero()).map(Seconds);
        if details.kind == ErrorKind::Throttled {
            self.write_throttled(f, delay)?;
        } else {
            self.write_message(f)?;
            if let Some(delay) = delay {
                write!(f, " Wait {delay}.")?;
            }
            if details.kind != ErrorKind::Authentication
                && let Some(hint) = self.hint()
            {
                write!(f, " {hint}")?;
            }
        }
        if details.pending_write.is_some() {
            f.write_str(" The outcome of the write is unknown: resume it with this request id.")?;
        }
        if let Some(scheduled) = details.scheduled.as_ref().filter(|scheduled| scheduled.is_after_change) {
            let changes = scheduled.changes.to_string();
            write!(
                f,
                " The change took place, but what was scheduled before it ({}) may be deleted.",
                OneLine(&changes)
            )?;
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
    /// What happened, as one sentence. What [`source`](std::error::Error::source) returns is not in it.
    fn write_message(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &*self.0;
        if let Some(message) = &details.message {
            return write!(f, "{}.", OneLine(message));
        }
        if let Some(error) = self.credential_error() {
            // Not cut: it ends with its remedy.
            return write!(f, "{error}.");
        }
        let (cause, _) = self.causes();
        let Some(status) = details.status else {
            return match cause {
                Some(cause) => write!(f, "{}.", OneLine(&cause.to_string())),
                None => write!(f, "{}.", details.kind.words()),
            };
        };
        self.write_status(f, status)?;
        let meaning = self.code().and_then(|code| code.meaning_with(Some(status.as_u16())));
        match (meaning, self.description(), cause) {
            (Some(meaning), ..) => write!(f, ": {meaning}"),
            (None, Some(description), _) => write!(f, ": {}", OneLine(description)),
            (None, None, Some(cause)) => write!(f, ": {}.", OneLine(&cause.to_string())),
            (None, None, None) => f.write_str("."),
        }
    }

    /// Everything about too many requests in one sentence; the description of a gateway says no more than this.
    fn write_throttled(&self, f: &mut fmt::Formatter<'_>, delay: Option<Seconds>) -> fmt::Result {
        match (&self.0.message, self.0.status) {
            (Some(message), _) => write!(f, "{}", OneLine(message))?,
            (None, Some(status)) => self.write_status(f, status)?,
            (None, None) => f.write_str(self.0.kind.words())?,
        }
        f.write_str(": ")?;
        if let Some(delay) = delay {
            write!(f, "wait {delay} and ")?;
        }
        f.write_str("call less often, as all programs of the partner tenant share one rate limit.")
    }

    fn write_status(&self, f: &mut fmt::Formatter<'_>, status: StatusCode) -> fmt::Result {
        write!(f, "{status}")?;
        match self.0.fault.as_ref().and_then(|fault| fault.code.as_ref()) {
            Some(code) => write!(f, ", code {}", OneLine(&code.as_text())),
            None => Ok(()),
        }
    }
}

/// A duration in whole seconds, rounded up.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs().saturating_add(u64::from(self.0.subsec_nanos() > 0));
        let unit = if seconds == 1 { "second" } else { "seconds" };
        write!(f, "{seconds} {unit}")
    }
}

/// Foreign text on one line, cut to a length that suits a log.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MAX_LENGTH: usize = 300;
        const MAX_UNCUT_WORD: usize = 40;
        let words = self.0.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        let mut left = MAX_LENGTH;
        for (number, word) in words.enumerate() {
            let separator = if number == 0 { "" } else { " " };
            if separator.len() + word.len() <= left {
                write!(f, "{separator}{}", Escaped(word))?;
                left -= separator.len() + word.len();
                continue;
            }
            // Text without blanks, such as Chinese or Japanese, is cut between two characters.
            let rest = if word.len() > MAX_UNCUT_WORD { left.saturating_sub(separator.len()) } else { 0 };
            let cut = (0..=rest).rev().find_map(|end| word.get(..end)).unwrap_or_default();
            return write!(f, "{separator}{}…", Escaped(cut));
        }
        Ok(())
    }
}
