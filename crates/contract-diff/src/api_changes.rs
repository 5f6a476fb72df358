//! Whether the version suits what changed in the Rust API of the published crates since the last
//! release.
//!
//! The comparison of contracts derives its verdicts from them; this one takes the crates as they are, hand-written code
//! included. The public surfaces are those that rustdoc reports, with all features; they are compared by the code that
//! checks `diff`'s verdicts.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use contract::command::{self, Failed};
use semver::Version;
use serde_json::Value;

use crate::inputs::last_release;
use crate::manifests::{self, ManifestError};
use crate::release::least_after;
use crate::surface::{Surface, UnknownFormat};
use crate::verdict::Verdict;

/// How many changes are shown for each crate.
const SHOWN: usize = 10;

/// The APIs can't be compared, or the version is too small.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The manifests don't list the crates, or their version.
    #[error(transparent)]
    Manifests(#[from] ManifestError),
    /// The tag of the last release is not a version.
    #[error("the last release is tagged {0}, which is not a version")]
    Tag(String),
    /// A tool failed.
    #[error(transparent)]
    Tool(#[from] Failed),
    /// A file can't be read or written.
    #[error("can't use {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// rustdoc's JSON can't be read.
    #[error("can't read {path}: {source}")]
    Json {
        /// The file.
        path: PathBuf,
        /// The parser's error.
        source: serde_json::Error,
    },
    /// rustdoc's JSON has another format.
    #[error(transparent)]
    Format(#[from] UnknownFormat),
    /// The version is too small.
    #[error(
        "Cargo.toml has version {version}, but the API's changes since {tag} are {verdict}: it takes {least} at least{reasons}"
    )]
    TooSmall {
        /// The version in the manifest.
        version: Box<Version>,
        /// The last release.
        tag: String,
        /// The verdict on the changes.
        verdict: Verdict,
        /// The least version that they allow.
        least: Box<Version>,
        /// The changes that lead to it, one a line.
        reasons: String,
    },
}

/// Compares the APIs. Returns the text to print where the version suits their changes.
///
/// # Errors
/// When the version is too small for the changes, or the APIs can't be compared.
pub fn check(root: &Path) -> Result<String, ApiError> {
    let Some(tag) = last_release(root) else {
        return Ok("nothing was released yet: there is no API to compare with".to_owned());
    };
    let released = Version::parse(tag.trim_start_matches('v')).map_err(|_| ApiError::Tag(tag.clone()))?;
    let version = manifests::one_version(&manifests::metadata(root)?)?;
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let folder = folder.join("api-changes");
    let before = surfaces(&checked_out(root, &tag, &folder)?, &folder)?;
    let after = surfaces(root, &folder)?;

    let mut verdict = Verdict::None;
    let mut reasons = Vec::new();
    for (name, old) in &before {
        let (level, found) = match after.get(name) {
            None => (Verdict::Major, vec![format!("the crate {name} is gone")]),
            Some(new) => {
                let difference = old.compare(new);
                (difference.verdict, difference.reasons)
            }
        };
        verdict = verdict.max(level);
        reasons.push((name, level, found));
    }
    if after.keys().any(|name| !before.contains_key(name)) {
        verdict = verdict.max(Verdict::Minor);
    }
    // Documentation alone may change without a release.
    if verdict == Verdict::Patch {
        verdict = Verdict::None;
    }
    let least = least_after(&released, verdict);
    if version >= least {
        return Ok(format!("{version} suits the API's changes since {tag}, which are {verdict}"));
    }
    let mut lines = String::new();
    for (name, _, found) in reasons.iter().filter(|(_, level, _)| *level == verdict) {
        for reason in found.iter().take(SHOWN) {
            lines.push_str(&format!("\n  {name}: {reason}"));
        }
        if found.len() > SHOWN {
            lines.push_str(&format!("\n  {name}: and {} more", found.len() - SHOWN));
        }
    }
    Err(ApiError::TooSmall { version: Box::new(version), tag, verdict, least: Box::new(least), reasons: lines })
}

/// The workspace as it was at a tag, in a folder of its own.
fn checked_out(root: &Path, tag: &str, folder: &Path) -> Result<PathBuf, ApiError> {
    let wrong = |path: &Path| {
        let path = path.to_owned();
        move |source| ApiError::File { path, source }
    };
    let workspace = folder.join("before");
    match fs::remove_dir_all(&workspace) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            return Err(ApiError::File { path: workspace, source });
        }
        _ => fs::create_dir_all(&workspace).map_err(wrong(&workspace))?,
    }
    let archive = folder.join("before.tar");
    command::succeed(Command::new("git").arg("-C").arg(root).args(["archive", "--output"]).arg(&archive).arg(tag))?;
    command::succeed(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&workspace))?;
    fs::remove_file(&archive).map_err(wrong(&archive))?;
    Ok(workspace)
}

/// The public surfaces of the published libraries of a workspace, by package.
fn surfaces(root: &Path, folder: &Path) -> Result<BTreeMap<String, Surface>, ApiError> {
    let metadata = manifests::metadata(root)?;
    // Packages with the name of their library.
    let libraries: Vec<(&str, &str)> = manifests::published(&metadata)
        .filter_map(|package| {
            let targets = package["targets"].as_array()?;
            let library = targets.iter().find(|target| target["kind"] == serde_json::json!(["lib"]))?;
            Some((package["name"].as_str()?, library["name"].as_str()?))
        })
        .collect();
    let target = folder.join("target");
    // Two versions of a crate write to the same file, and cargo takes what it finds there for the newest. So each run is
    // one of its own.
    let run = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let mut cargo = command::cargo();
    cargo
        .args(["doc", "--quiet", "--lib", "--no-deps", "--all-features"])
        .args(libraries.iter().flat_map(|(package, _)| ["--package", package]))
        .current_dir(root)
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTDOCFLAGS", format!("-Z unstable-options --output-format json --cap-lints warn --cfg run=\"{run}\""))
        // The format is unstable: these crates alone may use it.
        .env("RUSTC_BOOTSTRAP", libraries.iter().map(|(_, library)| *library).collect::<Vec<_>>().join(","))
        .env_remove("RUSTFLAGS");
    command::succeed(&mut cargo)?;
    let mut surfaces = BTreeMap::new();
    for (package, library) in libraries {
        let path = target.join("doc").join(format!("{library}.json"));
        let text = fs::read(&path).map_err(|source| ApiError::File { path: path.clone(), source })?;
        let json: Value =
            serde_json::from_slice(&text).map_err(|source| ApiError::Json { path: path.clone(), source })?;
        surfaces.insert(package.to_owned(), Surface::read(&json)?);
    }
    Ok(surfaces)
}
