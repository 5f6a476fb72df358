#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod canonical;
mod cursor;
mod date;
mod escaped;
mod export;
mod finding;
mod syntax_error;
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, reason = "written by `cargo xtask generate`")]
mod generated {
    mod quick;
    mod shapes;
    pub(crate) use shapes::{OPERATIONS, SHAPES};
}
mod judge;
mod names;
mod number;
mod operation;
mod places;
mod quick;
mod reading;
mod rules;
mod schema;
mod shape;
mod suggest;
pub mod traffic;
mod tree;
mod validator;
mod witness;

pub use escaped::{Escaped, is_control};
pub use finding::{Code, Finding, Location, Report};
pub use operation::{Operation, UnknownOperation};
pub use reading::{Direction, Strictness};
pub use schema::{Described, Schema, UnknownSchema};
pub use syntax_error::{SyntaxError, SyntaxErrorKind};
pub use validator::{Limits, Validator};
