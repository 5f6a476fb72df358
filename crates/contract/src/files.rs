//! Contracts and what lies next to them, read within bounds.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// No contract is larger.
const LARGEST: u64 = 64 << 20;

/// Reads a regular file of at most 64 MiB. Opening a pipe would wait for its writer, and a device may never end.
///
/// # Errors
/// When it can't be read, isn't a regular file, or is larger.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 64 MiB"));
    }
    Ok(bytes)
}

/// The same as text.
///
/// # Errors
/// As [`read`], and when it isn't UTF-8.
pub fn read_to_string(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn devices_pipes_and_huge_files_are_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, giant) = (folder.path().join("pipe"), folder.path().join("giant"));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        // It takes no space on the disk.
        File::create(&giant).unwrap().set_len(LARGEST + 1).unwrap();
        for (path, why) in [
            (Path::new("/dev/zero"), "not a regular file"),
            (&pipe, "not a regular file"),
            (&giant, "larger than 64 MiB"),
        ] {
            assert_eq!(read(path).unwrap_err().to_string(), why);
            let report = crate::load::load(path).expect_err("it is not a contract");
            assert!(report.to_string().contains(why), "{report}");
        }
    }
}
