//! What changed since the last release, in short.

use std::path::Path;

use contract::escaped::Escaped;

use crate::comparable::Check;
use crate::compare::compare;
use crate::inputs::Inputs;
use crate::render::summary;

/// What changed since the last release, in one line, and the command that shows more.
pub fn since_last_release(root: &Path, check: Check) -> String {
    let inputs = Inputs::new(root, check);
    let contracts = inputs.last_release().and_then(|old| Ok((old, inputs.working_tree()?)));
    match contracts {
        Ok((old, new)) => format!("{}; `cargo xtask diff` shows more", summary(&compare(&old, &new))),
        Err(error) => format!("{}; `cargo xtask diff OLD NEW` compares any two contracts", Escaped(error)),
    }
}
