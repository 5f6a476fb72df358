//! The whole state of an emulator as a file.

use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::catalog::CatalogItem;
use crate::random::Random;
use crate::state::{Customer, State};

/// The version of the file format.
const VERSION: u32 = 1;

/// The customers of an emulator with all of their data, to be saved and started with again.
///
/// It is serialized as JSON. Request ids, tokens, faults and settings are not part of it.
///
/// ```
/// use partner_center_emulator::{Emulator, Scenario};
///
/// let emulator = Emulator::builder().in_memory()?;
/// let text = serde_json::to_string(&emulator.scenario())?;
/// let scenario: Scenario = serde_json::from_str(&text)?;
/// let again = Emulator::builder().scenario(scenario).in_memory()?;
/// assert_eq!(again.customers(), emulator.customers());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scenario {
    version: u32,
    #[serde(default)]
    customers: Vec<Customer>,
    /// Items in addition to the built-in ones.
    #[serde(default)]
    catalog: Vec<CatalogItem>,
    /// The state of the generator of ids, so that no id is used twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    random: Option<u64>,
}

/// The error of reading or writing a scenario.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// Reading or writing the file failed.
    #[error("the scenario file can't be read or written")]
    File(#[from] io::Error),
    /// The content of the file is not a scenario.
    #[error("the file is not a valid scenario")]
    Form(#[from] serde_json::Error),
    /// The file was written by a later version.
    #[error("unknown scenario version {0}: expected {expected}", expected = VERSION)]
    Version(u32),
}

impl Scenario {
    /// Reads a scenario from a file.
    ///
    /// # Errors
    ///
    /// If the file can't be read, is not a regular file, is larger than 1 GiB, or is not a scenario.
    pub fn load(path: &Path) -> Result<Self, ScenarioError> {
        let scenario: Self = serde_json::from_slice(&read(path)?)?;
        if scenario.version == VERSION { Ok(scenario) } else { Err(ScenarioError::Version(scenario.version)) }
    }

    /// Writes a scenario to a file atomically. Only its owner can read the file.
    ///
    /// # Errors
    ///
    /// If the file can't be written.
    pub fn save(&self, path: &Path) -> Result<(), ScenarioError> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        let (new, mut file) = create_sibling(path)?;
        let written = file.write_all(&text).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&new, path));
        if written.is_err() {
            drop(fs::remove_file(&new));
        }
        written?;
        Ok(())
    }

    pub(crate) fn of(state: &State) -> Self {
        let customers = state.customer_ids().iter().filter_map(|id| state.customers.get(id)).cloned().collect();
        Self { version: VERSION, customers, catalog: state.catalog.added_items(), random: Some(state.random.state()) }
    }

    /// Replaces the state with the scenario.
    pub(crate) fn apply_to(self, state: &mut State) {
        state.clear();
        self.customers.into_iter().for_each(|customer| state.put_customer(customer));
        self.catalog.into_iter().for_each(|item| state.catalog.add(item));
        if let Some(random) = self.random {
            state.random = Random::new(random);
        }
    }
}

/// The largest size of a scenario file.
const MAX_SIZE: u64 = 1 << 30;

fn read(path: &Path) -> io::Result<Vec<u8>> {
    // Opening a pipe waits for its writer, and a device may be endless.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut text = Vec::new();
    fs::File::open(path)?.take(MAX_SIZE + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MAX_SIZE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 1 GiB"));
    }
    Ok(text)
}

/// Creates a new file in the folder of another, with an unpredictable name, for its owner only.
///
/// Existing files and links are never opened.
fn create_sibling(path: &Path) -> io::Result<(PathBuf, fs::File)> {
    const ATTEMPTS: u32 = 100;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut attempt = 0;
    loop {
        // Each `RandomState` has new keys from the system's random numbers.
        let mark = RandomState::new().hash_one(attempt);
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{mark:016x}.new"));
        let new = path.with_file_name(name);
        match options.open(&new) {
            Ok(file) => return Ok((new, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;
    use crate::Emulator;

    /// A folder that is removed when the test ends.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("scenario-{name}-{}", std::process::id()));
            drop(fs::remove_dir_all(&folder));
            fs::create_dir(&folder).unwrap();
            Self(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    fn scenario() -> Scenario {
        Emulator::builder().in_memory().unwrap().scenario()
    }

    #[test]
    fn a_saved_state_is_private_and_follows_no_links() {
        let folder = Folder::new("links");
        let (state, elsewhere) = (folder.0.join("state.json"), folder.0.join("elsewhere"));
        fs::write(&elsewhere, "mine").unwrap();
        symlink(&elsewhere, folder.0.join("state.json.new")).unwrap();
        scenario().save(&state).unwrap();
        scenario().save(&state).unwrap();
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "mine");
        assert_eq!(fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o600);
        Scenario::load(&state).unwrap();
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 3, "nothing else is left behind");
    }

    #[test]
    fn a_failed_save_is_an_error_and_keeps_the_old_state() {
        let folder = Folder::new("failing");
        let state = folder.0.join("state.json");
        // A folder can't be replaced by a file.
        fs::create_dir(&state).unwrap();
        fs::write(state.join("inside"), "").unwrap();
        assert!(matches!(scenario().save(&state), Err(ScenarioError::File(_))));
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
        assert!(matches!(scenario().save(&folder.0.join("nowhere/state.json")), Err(ScenarioError::File(_))));
    }

    #[test]
    fn only_regular_files_are_read() {
        for path in ["/dev/zero", "/"] {
            let error = Scenario::load(Path::new(path)).unwrap_err();
            assert!(matches!(error, ScenarioError::File(_)), "{path}: {error:?}");
        }
    }
}
