#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod canonical;
mod cursor;
mod damage;
mod date;
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
mod judge;
mod limits;
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

pub use damage::{Damage, DamageKind};
pub use escaped::{Escaped, is_control};
pub use finding::{Code, Finding, Place, Report};
pub use limits::Limits;
pub use operation::{Operation, UnknownOperation};
pub use reading::{Direction, Strictness};
pub use schema::{Described, Schema, UnknownSchema};
pub use validator::Validator;
