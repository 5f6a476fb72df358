//! The whole state of an emulator as a file.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::catalog::CatalogItem;
use crate::random::Random;
use crate::state::{Customer, World};

/// The version of the file's form.
const VERSION: u32 = 1;

/// The customers of an emulator with all that is theirs, to be kept in a file and begun with again.
///
/// It goes through serde as JSON. Request ids, tokens, faults and settings are not part of it.
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
    /// Items beside the built-in ones.
    #[serde(default)]
    catalog: Vec<CatalogItem>,
    /// Where the draws for ids stand, so that no id comes twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    random: Option<u64>,
}

/// Why a scenario can't be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// The file can't be read or written.
    #[error("the scenario file can't be read or written")]
    File(#[from] io::Error),
    /// The file holds something else.
    #[error("the file holds no scenario")]
    Form(#[from] serde_json::Error),
    /// The file was written by a later version.
    #[error("the scenario has the version {0}, which is unknown here")]
    Version(u32),
}

impl Scenario {
    /// Reads a scenario from a file.
    ///
    /// # Errors
    ///
    /// If the file can't be read or holds something else.
    pub fn load(path: &Path) -> Result<Self, ScenarioError> {
        let scenario: Self = serde_json::from_slice(&fs::read(path)?)?;
        if scenario.version == VERSION { Ok(scenario) } else { Err(ScenarioError::Version(scenario.version)) }
    }

    /// Writes a scenario to a file, which holds the old one or the new one at any moment.
    ///
    /// # Errors
    ///
    /// If the file can't be written.
    pub fn save(&self, path: &Path) -> Result<(), ScenarioError> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let new = path.with_file_name(name);
        let mut file = fs::File::create(&new)?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(new, path)?;
        Ok(())
    }

    pub(crate) fn of(world: &World) -> Self {
        let customers = world.customer_ids().iter().filter_map(|id| world.customers.get(id)).cloned().collect();
        Self { version: VERSION, customers, catalog: world.catalog.added_items(), random: Some(world.random.state()) }
    }

    /// Puts the scenario in place of everything that is there.
    pub(crate) fn put_into(self, world: &mut World) {
        world.clear();
        self.customers.into_iter().for_each(|customer| world.put_customer(customer));
        self.catalog.into_iter().for_each(|item| world.catalog.add(item));
        if let Some(state) = self.random {
            world.random = Random::new(state);
        }
    }
}
