//! Whether licences can be given back.

use std::fmt::Write as _;
use std::time::SystemTime;

use partner_center_orders_api::types::Subscription;
use partner_center_orders_api::wire::Timestamp;

use crate::call::Session;
use crate::{Error, ErrorKind};

/// The number of windows that the error names.
const NAMED: usize = 3;

/// Checks that a subscription can have this many licences, as far as its `refundableQuantity` shows.
///
/// # Errors
///
/// When fewer licences can be given back.
pub(super) fn check(session: &Session, subscription: &Subscription, quantity: i32) -> Result<(), Error> {
    let given_back = i64::from(subscription.quantity) - i64::from(quantity);
    let Some(refundable) = &subscription.refundable_quantity else { return Ok(()) };
    let shared = session.shared();
    let now = shared.service_time().map_or_else(|| shared.clock.now(), |time| time.earliest);
    let windows: Option<Vec<(i64, &str)>> = refundable.details.as_ref().map(|details| {
        let open = details.iter().filter(|detail| {
            let until = detail.allowed_until_date_time.as_ref().and_then(Timestamp::instant);
            // A time that can't be read excludes nothing: the service decides.
            until.is_none_or(|until| now <= SystemTime::from(until))
        });
        open.map(|detail| {
            let until = detail.allowed_until_date_time.as_ref().map_or("an unknown time", Timestamp::as_str);
            (i64::from(detail.quantity.unwrap_or_default()), until)
        })
        .collect()
    });
    let in_windows = windows.as_ref().map(|windows| windows.iter().map(|(quantity, _)| quantity).sum());
    let Some(allowed) = in_windows.or(refundable.total_quantity.map(i64::from)) else { return Ok(()) };
    if given_back <= allowed.max(0) {
        return Ok(());
    }
    let mut message = format!("{given_back} licences were to be given back, and ");
    let windows = windows.unwrap_or_default();
    // Writing into a String can't fail.
    let _ = match windows.as_slice() {
        [] if allowed > 0 => write!(message, "{allowed} can be"),
        [] => write!(message, "none can be any more"),
        windows => {
            let named: Vec<_> =
                windows.iter().take(NAMED).map(|(quantity, until)| format!("{quantity} until {until}")).collect();
            let more = if windows.len() > NAMED { ", …" } else { "" };
            write!(message, "{allowed} can be: {}{more}", named.join(", "))
        }
    };
    Err(Error::own(ErrorKind::NotRefundable, message))
}
