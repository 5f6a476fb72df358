//! The table of error codes that goes with the contract.

use std::collections::BTreeMap;

use contract::ERROR_CODES;
use contract::site::Location;

use super::comparable::Carrier;
use super::comparer::{At, Comparer, InRust};
use super::verdict::{Effect, OnWire, Shift, Verdict};

/// All that the table holds on one code.
#[derive(Debug, PartialEq)]
struct Code {
    name: String,
    /// Status, area, meaning and hint of each row.
    generated: Vec<Vec<String>>,
    /// Where that is known from, by row.
    sources: Vec<String>,
    line: usize,
}

/// The codes of faults and those of cart lines: the same number means something else there.
type Codes = BTreeMap<(String, String), Code>;

impl Comparer<'_> {
    /// Compares the tables of error codes, where both contracts have one.
    pub(super) fn error_codes(&mut self) {
        let (Some(old), Some(new)) = (self.old.error_codes(), self.new.error_codes()) else { return };
        let (old, new) = (read(old), read(new));
        for (key, code) in &new {
            let Some(before) = old.get(key) else {
                let rust = Effect::new(Verdict::Minor, format!("a new variant, `{}::{}`", key.0, code.name));
                self.code("error-code-added", key, "added", [None, Some(code.line)], rust);
                continue;
            };
            let lines = [Some(before.line), Some(code.line)];
            if before.name != code.name {
                let rust = Effect::new(
                    Verdict::Major,
                    format!("`{0}::{1}` is now called `{0}::{2}`", key.0, before.name, code.name),
                );
                self.code(
                    "error-code-renamed",
                    key,
                    &format!("renamed from `{}` to `{}`", before.name, code.name),
                    lines,
                    rust,
                );
            }
            if before.generated != code.generated {
                let rust = Effect::new(Verdict::Patch, "status, area, meaning or hint have the new words");
                self.code("error-code-words", key, "worded differently", lines, rust);
            } else if before.sources != code.sources {
                let rust = Effect::new(Verdict::None, "the source is not generated");
                self.code("error-code-words", key, "known from elsewhere", lines, rust);
            }
        }
        for (key, code) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
            let rust = Effect::new(Verdict::Major, format!("the variant `{}::{}` is gone", key.0, code.name));
            self.code("error-code-removed", key, "removed", [Some(code.line), None], rust);
        }
    }

    fn code(
        &mut self,
        kind: &'static str,
        (set, number): &(String, String),
        summary: &str,
        lines: [Option<usize>; 2],
        rust: Effect,
    ) {
        let at = At {
            subject: format!("{} {number}", if set == "CartErrorCode" { "cart error code" } else { "error code" }),
            part: String::new(),
            carrier: Carrier::default(),
            rust: InRust::nowhere(""),
        };
        let locations = lines.map(|line| Location {
            file: ERROR_CODES.to_owned(),
            pointer: format!("/{number}"),
            line: line.unwrap_or(1),
            present: line.is_some(),
        });
        // The table explains what the service sends anyway.
        self.report(kind, &at, summary, locations, OnWire::both(Shift::Words), rust);
    }
}

/// The table by code. A table that can't be read is lint's and the generator's business; here it is empty.
fn read(text: &str) -> Codes {
    let mut codes = Codes::new();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
    for record in reader.records().flatten() {
        let field = |index: usize| record.get(index).unwrap_or_default().to_owned();
        let set = if field(3) == "cart-line" { "CartErrorCode" } else { "ErrorCode" };
        let line = record.position().and_then(|position| usize::try_from(position.line()).ok()).unwrap_or(1);
        let code = codes.entry((set.to_owned(), field(0))).or_insert_with(|| Code {
            name: field(2),
            generated: Vec::new(),
            sources: Vec::new(),
            line,
        });
        code.generated.push(vec![field(1), field(3), field(4), field(5)]);
        code.sources.push(field(6));
    }
    codes
}
