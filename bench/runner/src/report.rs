//! What was measured, as table and as JSON.

use serde_json::{Value, json};

use super::{Bench, Problem};

/// One bar.
pub(super) struct Row {
    pub(super) name: String,
    /// What `ours` and `peer` are measured in.
    pub(super) unit: Unit,
    pub(super) ours: Samples,
    /// None where the bar compares nothing.
    pub(super) peer: Option<(&'static str, Samples)>,
    /// The least `ratio`; where nothing is compared, the bound of `ours`.
    pub(super) bar: f64,
    /// For counts, which don't depend on the load of the machine: what must not be undercut, met or not.
    pub(super) guard: Option<f64>,
}

/// What is counted, and which way is better.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Nanoseconds,
    Milliseconds,
    CpuSeconds,
    PerSecond,
    MegabytesPerSecond,
    Mebibytes,
    Kibibytes,
    /// Machine instructions, by callgrind.
    Instructions,
    Allocations,
    Crates,
    /// A share of something, of which more is better.
    Share,
    /// How the growth of cost compares to that of size.
    Exponent,
    Events,
}

impl Unit {
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Nanoseconds => "ns",
            Self::Milliseconds => "ms",
            Self::CpuSeconds => "CPU s",
            Self::PerSecond => "/s",
            Self::MegabytesPerSecond => "MB/s",
            Self::Mebibytes => "MiB",
            Self::Kibibytes => "KiB",
            Self::Instructions => "instructions",
            Self::Allocations => "allocations",
            Self::Crates => "crates",
            Self::Share => "of the whole",
            Self::Exponent => "exponent",
            Self::Events => "times",
        }
    }

    fn more_is_better(self) -> bool {
        matches!(self, Self::PerSecond | Self::MegabytesPerSecond | Self::Share)
    }
}

/// What was sampled.
pub(super) struct Samples(Vec<f64>);

impl Samples {
    pub(super) fn new(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        Self(samples)
    }

    pub(super) fn median(&self) -> f64 {
        self.quantile(1, 2)
    }

    /// How far the middle half lies apart, as a share of the median.
    pub(super) fn spread(&self) -> f64 {
        (self.quantile(3, 4) - self.quantile(1, 4)) / self.median()
    }

    pub(super) fn all(&self) -> &[f64] {
        &self.0
    }

    fn quantile(&self, part: usize, of: usize) -> f64 {
        let at = self.0.len().saturating_sub(1) * part / of;
        self.0.get(at).copied().unwrap_or(f64::NAN)
    }
}

impl From<f64> for Samples {
    fn from(one: f64) -> Self {
        Self(vec![one])
    }
}

impl Row {
    pub(super) fn guarded(self, guard: f64) -> Self {
        Self { guard: Some(guard), ..self }
    }

    /// Ours over the bar's measure; higher is better.
    pub(super) fn ratio(&self) -> Option<f64> {
        let (_, peer) = self.peer.as_ref()?;
        let (ours, peer) = (self.ours.median(), peer.median());
        Some(if self.unit.more_is_better() { ours / peer } else { peer / ours })
    }

    pub(super) fn met(&self) -> bool {
        match self.ratio() {
            Some(ratio) => ratio >= self.bar,
            None if self.unit.more_is_better() => self.ours.median() >= self.bar,
            None => self.ours.median() <= self.bar,
        }
    }

    /// Whether it is no worse than it was, as far as that can be decided on any machine.
    pub(super) fn holds(&self) -> bool {
        self.guard.is_none_or(|guard| self.ratio().map_or_else(|| self.met(), |ratio| ratio >= guard))
    }
}

/// One line per bar.
pub(super) fn table(rows: &[Row]) -> String {
    let mut table = String::from("| what | ours | peer | ratio | bar | met |\n|---|---|---|---|---|---|\n");
    for row in rows {
        let unit = row.unit.label();
        let show = |samples: &Samples| {
            let spread =
                if samples.all().len() > 1 { format!(" ±{:.0} %", samples.spread() * 50.0) } else { String::new() };
            format!("{} {unit}{spread}", number(samples.median()))
        };
        let peer = row.peer.as_ref().map_or_else(String::new, |(name, samples)| format!("{name} {}", show(samples)));
        let ratio = row.ratio().map_or_else(String::new, |ratio| format!("{ratio:.2}"));
        let met = if row.met() { "yes" } else { "no" };
        let ours = show(&row.ours);
        table.push_str(&format!("| {} | {ours} | {peer} | {ratio} | {} | {met} |\n", row.name, number(row.bar)));
    }
    table
}

/// With as many digits as mean something.
pub(super) fn number(value: f64) -> String {
    if value >= 100.0 || value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// Writes one object per bar.
pub(super) fn write(bench: &Bench, rows: &[Row]) -> Result<(), Problem> {
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "name": row.name,
                "ours": row.ours.median(),
                "peer": row.peer.as_ref().map(|(_, samples)| samples.median()),
                "ratio": row.ratio(),
                "bar": row.bar,
                "met": row.met(),
            })
        })
        .collect();
    let file = bench.folder.join(if bench.quick { "quick.json" } else { "report.json" });
    let text = serde_json::to_string_pretty(&rows).map_err(|error| error.to_string())?;
    std::fs::write(&file, text + "\n").map_err(|error| format!("{}: {error}", file.display()))?;
    println!("\nwrote {}", file.display());
    Ok(())
}
