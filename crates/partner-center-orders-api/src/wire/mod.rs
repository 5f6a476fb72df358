//! Types that keep what was received, whatever the service sends.

mod codes;
mod decimal;
mod money;
mod number_or_text;
mod scalar;
mod timestamp;

pub use codes::{CartFaultCode, FaultCode};
pub use money::{InvalidMoney, Money};
pub use number_or_text::NumberOrText;
pub use timestamp::{InvalidTimestamp, Timestamp};
