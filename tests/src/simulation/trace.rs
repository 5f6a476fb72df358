//! The trace of a run.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

/// The lines of a run. Two runs of one seed have the same ones.
#[derive(Debug, Default)]
pub struct Trace {
    lines: Vec<String>,
}

impl Trace {
    pub(super) fn note(&mut self, at: Duration, who: &str, what: &str) {
        self.lines.push(format!("{:>12.3}s {who:<8} {what}", at.as_secs_f64()));
    }

    /// A digest, which is the same in all runs of one seed.
    pub fn digest(&self) -> u64 {
        // Without keys, it is the same in every process.
        let mut hasher = DefaultHasher::new();
        self.lines.hash(&mut hasher);
        hasher.finish()
    }

    /// All lines.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The lines that contain one of these words, at most this many of them.
    pub fn shortened(&self, words: &[String], most: usize) -> String {
        let is_relevant =
            |line: &&String| words.iter().any(|word| line.contains(word.as_str())) || line.contains("s world ");
        let mut chosen: Vec<&String> = self.lines.iter().filter(is_relevant).collect();
        if chosen.is_empty() {
            chosen = self.lines.iter().collect();
        }
        let left_out = chosen.len().saturating_sub(most);
        let mut text = String::new();
        for line in chosen.iter().take(most / 2) {
            let _ = writeln!(text, "{line}");
        }
        if left_out > 0 {
            let _ = writeln!(text, "             … {left_out} lines …");
        }
        for line in chosen.iter().skip((most / 2) + left_out) {
            let _ = writeln!(text, "{line}");
        }
        text
    }
}
