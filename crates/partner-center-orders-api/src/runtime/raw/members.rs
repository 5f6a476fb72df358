//! The members of an object's text.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::runtime::reader::{Reader, Rejected};

/// The members of an object, in order: each name's token, and the text of its value.
pub(in crate::runtime) fn members<'a>(reader: &mut Reader<'a>) -> Result<Vec<(&'a str, &'a str)>, Rejected> {
    let mut members = Vec::new();
    reader.object(|reader| {
        members.push(reader.raw_member()?);
        Ok(())
    })?;
    Ok(members)
}

/// The text of a string's token. `Err` has the token if it contains half of a surrogate pair, which no text can.
pub(in crate::runtime) fn unescaped(token: &str) -> Result<Cow<'_, str>, &str> {
    if token.contains('\\') {
        return serde_json::from_str(token).map(Cow::Owned).map_err(|_| token);
    }
    Ok(Cow::Borrowed(token.get(1..token.len() - 1).unwrap_or_default()))
}

/// Leaves out each member that another one of its name follows.
pub(in crate::runtime) fn last_of_each<'a>(members: Vec<(&'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
    let last: HashMap<_, _> =
        members.iter().enumerate().map(|(position, (name, _))| (unescaped(name), position)).collect();
    if last.len() == members.len() {
        return members;
    }
    let mut positions: Vec<usize> = last.into_values().collect();
    positions.sort_unstable();
    positions.into_iter().filter_map(|position| members.get(position).copied()).collect()
}
