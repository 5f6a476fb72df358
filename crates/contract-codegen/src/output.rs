//! Writes the generated files, or compares them with those on disk.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use similar::TextDiff;

/// One generated file.
pub struct Artifact {
    /// Its path from the root of the workspace.
    pub path: PathBuf,
    /// All of it.
    pub text: String,
}

/// A file of the workspace could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("can't {action} {path}: {source}")]
pub struct FileError {
    action: &'static str,
    path: PathBuf,
    source: io::Error,
}

/// What is there, with line ends as the generator writes them; nothing where no file is.
fn on_disk(path: &Path) -> Result<Option<String>, FileError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.replace("\r\n", "\n"))),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(FileError { action: "read", path: path.to_owned(), source }),
    }
}

/// The files under `folders` that no artifact accounts for.
fn strays(root: &Path, folders: &[PathBuf], artifacts: &[Artifact]) -> Result<Vec<PathBuf>, FileError> {
    let mut strays = Vec::new();
    for folder in folders {
        let absolute = root.join(folder);
        let entries = match fs::read_dir(&absolute) {
            Ok(entries) => entries,
            Err(source) if source.kind() == io::ErrorKind::NotFound => continue,
            Err(source) => {
                return Err(FileError { action: "list", path: absolute, source });
            }
        };
        for entry in entries {
            let entry = entry.map_err(|source| FileError { action: "list", path: absolute.clone(), source })?;
            let path = folder.join(entry.file_name());
            if !artifacts.iter().any(|artifact| artifact.path == path) {
                strays.push(path);
            }
        }
    }
    strays.sort();
    Ok(strays)
}

fn folders(artifacts: &[Artifact]) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        artifacts.iter().filter_map(|artifact| artifact.path.parent().map(Path::to_owned)).collect();
    folders.sort();
    folders.dedup();
    folders
}

/// The differences between the artifacts and the disk as one unified diff; empty when there are none.
///
/// # Errors
/// When a file can't be read.
pub fn differences(root: &Path, artifacts: &[Artifact]) -> Result<String, FileError> {
    let mut diff = String::new();
    for artifact in artifacts {
        let name = artifact.path.display();
        let old = on_disk(&root.join(&artifact.path))?;
        if old.as_deref() == Some(artifact.text.as_str()) {
            continue;
        }
        let old_name = if old.is_some() { format!("{name} (on disk)") } else { "/dev/null".to_owned() };
        let text = TextDiff::from_lines(old.as_deref().unwrap_or_default(), &artifact.text)
            .unified_diff()
            .context_radius(3)
            .header(&old_name, &format!("{name} (generated)"))
            .to_string();
        diff.push_str(&text);
    }
    for stray in strays(root, &folders(artifacts), artifacts)? {
        // Writing to a string can't fail.
        let _ = writeln!(diff, "{}: no longer generated; it will be deleted", stray.display());
    }
    Ok(diff)
}

/// Writes the artifacts that differ, deletes strays, and gives the paths of what changed.
///
/// Each file is written to a temporary one in its folder and then renamed, so that an interruption leaves no half file.
///
/// # Errors
/// When a file can't be read, written or deleted.
pub fn write(root: &Path, artifacts: &[Artifact]) -> Result<Vec<PathBuf>, FileError> {
    let mut changed = Vec::new();
    for artifact in artifacts {
        let target = root.join(&artifact.path);
        if on_disk(&target)?.as_deref() == Some(artifact.text.as_str()) {
            continue;
        }
        replace(&target, &artifact.text).map_err(|source| FileError { action: "write", path: target, source })?;
        changed.push(artifact.path.clone());
    }
    for stray in strays(root, &folders(artifacts), artifacts)? {
        let path = root.join(&stray);
        fs::remove_file(&path).map_err(|source| FileError { action: "delete", path, source })?;
        changed.push(stray);
    }
    Ok(changed)
}

fn replace(target: &Path, text: &str) -> io::Result<()> {
    let folder = target.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    temporary.persist(target)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(text: &str) -> Vec<Artifact> {
        vec![Artifact { path: PathBuf::from("generated/a.rs"), text: text.to_owned() }]
    }

    #[test]
    fn what_was_just_written_does_not_differ() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(write(root.path(), &artifact("one\n")).unwrap(), [PathBuf::from("generated/a.rs")]);
        assert_eq!(differences(root.path(), &artifact("one\n")).unwrap(), "");
        assert!(write(root.path(), &artifact("one\n")).unwrap().is_empty());
    }

    #[test]
    fn a_stray_edit_shows_as_a_diff() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &artifact("one\ntwo\n")).unwrap();
        fs::write(root.path().join("generated/a.rs"), "one\nzwei\n").unwrap();
        let diff = differences(root.path(), &artifact("one\ntwo\n")).unwrap();
        assert!(diff.contains("-zwei\n+two\n"), "{diff}");
    }

    #[test]
    fn line_ends_of_another_system_are_no_difference() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &artifact("one\ntwo\n")).unwrap();
        fs::write(root.path().join("generated/a.rs"), "one\r\ntwo\r\n").unwrap();
        assert_eq!(differences(root.path(), &artifact("one\ntwo\n")).unwrap(), "");
    }

    #[test]
    fn a_file_that_is_no_longer_generated_is_reported_and_deleted() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &artifact("one\n")).unwrap();
        fs::write(root.path().join("generated/old.rs"), "old").unwrap();
        assert!(
            differences(root.path(), &artifact("one\n")).unwrap().contains("generated/old.rs: no longer generated")
        );
        assert_eq!(write(root.path(), &artifact("one\n")).unwrap(), [PathBuf::from("generated/old.rs")]);
        assert!(!root.path().join("generated/old.rs").exists());
    }
}
