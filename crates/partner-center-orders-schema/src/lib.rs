#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod canonical;
mod cursor;
mod date;
mod diagnosis;
mod escaped;
mod export;
mod finding;
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, reason = "written by `cargo xtask generate`")]
mod generated {
    mod quick;
    mod shapes;
    pub(crate) use shapes::{OPERATIONS, SHAPES};
}
mod limits;
mod locator;
mod mode;
mod names;
mod number;
mod omission;
mod operation;
mod quick;
mod rules;
mod schema;
mod shape;
mod sink;
mod suggest;
mod syntax_error;
pub mod traffic;
mod tree;
mod validator;
mod walk;

pub use escaped::{Escaped, is_control};
pub use finding::{Code, Finding, Location, Report};
pub use limits::Limits;
pub use mode::{Direction, Strictness};
pub use operation::{Operation, UnknownOperation};
pub use schema::{Described, Schema, UnknownSchema};
pub use syntax_error::{SyntaxError, SyntaxErrorKind};
pub use validator::Validator;
