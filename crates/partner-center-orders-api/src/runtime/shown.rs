//! How the contract's types are shown: with the members that are there.

use std::fmt;

/// The value of a member that may be absent, for [`debug`].
#[expect(clippy::ref_option, reason = "a field as it is keeps the generated code short")]
pub(crate) fn present<T: fmt::Debug>(value: &Option<T>) -> Option<&dyn fmt::Debug> {
    value.as_ref().map(|value| value as &dyn fmt::Debug)
}

/// A value unless there is nothing in it, for [`debug`].
pub(crate) fn unless(is_empty: bool, value: &dyn fmt::Debug) -> Option<&dyn fmt::Debug> {
    (!is_empty).then_some(value)
}

/// Writes the members that are there.
pub(crate) fn debug(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    members: &[(&str, Option<&dyn fmt::Debug>)],
) -> fmt::Result {
    with_present(&mut f.debug_struct(name), members).finish()
}

/// As [`debug`], for a type that has more members than those.
pub(crate) fn debug_in_part(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    members: &[(&str, Option<&dyn fmt::Debug>)],
) -> fmt::Result {
    with_present(&mut f.debug_struct(name), members).finish_non_exhaustive()
}

fn with_present<'s, 'a, 'b>(
    shown: &'s mut fmt::DebugStruct<'a, 'b>,
    members: &[(&str, Option<&dyn fmt::Debug>)],
) -> &'s mut fmt::DebugStruct<'a, 'b> {
    for (name, value) in members {
        if let Some(value) = value {
            shown.field(name, value);
        }
    }
    shown
}
