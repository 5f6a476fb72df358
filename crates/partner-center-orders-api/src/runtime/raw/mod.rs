//! JSON text that is kept as it was received: how it is checked, read from any format, written to any, and compared.

mod append;
mod equal;
mod members;
mod number;
mod skip;
mod write;

pub(crate) use append::Append;
pub(super) use append::quote;
pub(super) use equal::equal;
pub(super) use members::{last_of_each, members, unescaped};
pub(crate) use write::Raw;
pub(super) use write::{Verbatim, writes_json};
