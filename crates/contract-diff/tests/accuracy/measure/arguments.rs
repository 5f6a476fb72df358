//! What both programs take, the bench and the task that starts it.

use std::path::PathBuf;

/// Measures what single edits of the contract do to the generated Rust API, and compares the verdicts of `diff` with it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only these rows; otherwise all of them.
    pub(crate) rows: Vec<String>,
    /// Only ten rows, of every kind.
    #[arg(long, conflicts_with = "rows")]
    pub(crate) sample: bool,
    /// Asks rustdoc alone, and not cargo-semver-checks too, which is installed where it isn't there.
    #[arg(long)]
    pub(crate) rustdoc_only: bool,
    /// Where to generate and compile; otherwise a folder below the target folder, which is kept for the next time.
    #[arg(long)]
    pub(crate) folder: Option<PathBuf>,
}
