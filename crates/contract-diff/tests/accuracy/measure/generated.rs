//! What is generated from a contract, what rustdoc reports of it, and how two of them differ.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use contract_codegen::output::Artifact;
use contract_codegen::pipeline::{self, PipelineError};
use contract_codegen::source::Source;
use contract_diff::Verdict;
use contract_diff::surface::Surface;

use super::sandbox::{CRATES, Sandbox, SandboxError};
use super::semver_checks::SemverChecks;

/// The file that differs with every contract, as it holds its digest.
const DIGEST_FILE: &str = "contract.rs";

/// What is generated from a contract: the files of the crates that are measured.
pub(super) struct Generated {
    pub(super) artifacts: Vec<Artifact>,
}

/// What was measured of one contract's crates.
pub(super) struct Measured {
    pub(super) generated: Generated,
    pub(super) crates: Vec<Rc<Documented>>,
}

/// What rustdoc reports of a crate.
pub(super) struct Documented {
    pub(super) surface: Surface,
    /// Its JSON.
    pub(super) file: PathBuf,
}

/// How two contracts' crates differ.
pub(super) struct Difference {
    pub verdict: Verdict,
    /// Who found the verdict, and on what.
    pub by: String,
}

impl Generated {
    pub(super) fn from(source: &Source) -> Result<Self, PipelineError> {
        let mut artifacts = pipeline::run(&source.contract, &source.error_codes)?.artifacts;
        artifacts.retain(|artifact| CRATES.iter().any(|name| is_of(name, &artifact.path)));
        Ok(Self { artifacts })
    }

    /// The files, but for the one that always differs.
    fn files(&self) -> impl Iterator<Item = &Artifact> {
        self.artifacts.iter().filter(|artifact| !artifact.path.ends_with(DIGEST_FILE))
    }

    /// Whether a crate is the same in another generation, to the letter.
    pub(super) fn has_same(&self, name: &str, other: &Self) -> bool {
        self.texts_of(name).eq(other.texts_of(name))
    }

    fn texts_of(&self, name: &str) -> impl Iterator<Item = (&Path, &str)> {
        let files = self.files().filter(move |file| is_of(name, &file.path));
        files.map(|file| (file.path.as_path(), file.text.as_str()))
    }

    /// How often each word and sign appears in each file: the same ones in another order are the same code.
    fn words(&self) -> BTreeMap<&Path, BTreeMap<&str, usize>> {
        self.files().map(|file| (file.path.as_path(), words(&file.text))).collect()
    }
}

fn words(text: &str) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    let is_sign = |letter: char| !(letter.is_alphanumeric() || letter == '_');
    for word in text.split_inclusive(is_sign) {
        let end = word.char_indices().next_back().filter(|(_, last)| is_sign(*last)).map_or(word.len(), |(at, _)| at);
        for part in [&word[..end], word[end..].trim()] {
            if !part.is_empty() {
                *counts.entry(part).or_insert(0) += 1;
            }
        }
    }
    counts
}

fn is_of(name: &str, path: &Path) -> bool {
    path.starts_with(Path::new("crates").join(name))
}

impl Measured {
    /// How a later measurement differs: by what rustdoc reports, by what cargo-semver-checks finds, and by whether any
    /// generated code changed at all; the greatest verdict counts.
    pub(super) fn compare(&self, later: &Self, sandbox: &Sandbox) -> Result<Difference, SandboxError> {
        let mut verdict = Verdict::None;
        let mut by = String::new();
        let mut found = |level: Verdict, who: String| {
            if level > verdict {
                verdict = level;
                by = who;
            }
        };
        let changed = || self.crates.iter().zip(&later.crates).filter(|(old, new)| !Rc::ptr_eq(old, new));
        for (old, new) in changed() {
            let difference = old.surface.compare(&new.surface);
            let reasons = difference.reasons.first().cloned().unwrap_or_default().replace('|', "\\|");
            let more = if difference.reasons.len() > 1 {
                format!(" and {} more", difference.reasons.len() - 1)
            } else {
                String::new()
            };
            found(difference.verdict, format!("rustdoc: {reasons}{more}"));
        }
        if let Some(checker) = &sandbox.semver_checks {
            for (old, new) in changed() {
                found(checker.verdict(&old.file, &new.file)?, SemverChecks::NAME.to_owned());
            }
        }
        if self.generated.words() != later.generated.words() {
            found(Verdict::Patch, "generated code".to_owned());
        }
        Ok(Difference { verdict, by })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_words_is_no_difference() {
        assert_eq!(words("&[Self::New, Self::Full];"), words("&[Self::Full,\n    Self::New];"));
        assert_ne!(words("&[Self::New, Self::Full];"), words("&[Self::New, Self::Fuller];"));
        assert_ne!(words("(a)"), words("[a]"));
    }
}
