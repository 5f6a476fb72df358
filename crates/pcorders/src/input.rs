//! Reading of files and standard input, with a size limit.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The size limit of a payload.
const MAX_SIZE: u64 = 256 << 20;

/// Reads a regular file, or standard input for `-`.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    if path == Path::new("-") {
        return read_limited(io::stdin().lock());
    }
    // A pipe would block until it has a writer, and a device may never end.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file; pipe it to standard input, `-`"));
    }
    read_limited(File::open(path)?)
}

fn read_limited(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MAX_SIZE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_SIZE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 256 MiB"));
    }
    Ok(bytes)
}
