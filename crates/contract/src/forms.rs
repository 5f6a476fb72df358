//! How the members of a form that is read become those of the form that is sent back (`x-sent-back-as`), by their types.

use syn::{GenericArgument, PathArguments, Type, TypePath};

/// The type inside `Option<…>`, `Vec<…>` and the like.
pub fn inside<'a>(kind: &'a Type, wrapper: &str) -> Option<&'a Type> {
    let Type::Path(TypePath { path, .. }) = kind else {
        return None;
    };
    let segment = path.segments.last().filter(|segment| segment.ident == wrapper)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(kind) => Some(kind),
        _ => None,
    })
}

/// How a member of the read form becomes one of the written form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// As it is.
    Unchanged,
    /// By the conversion from one form to the other.
    Converted,
    /// Moved, and then wrapped in `Some`.
    InSome(Box<Move>),
    /// Moved inside its `Option`.
    Mapped(Box<Move>),
    /// Each element by the conversion from one form to the other.
    EachConverted,
}

/// How a member of the read form can be turned into one of the written form, if it can; `pairs` are the names of the schemas
/// that are sent back in another form, each with that form's.
pub fn moved(from: &Type, to: &Type, pairs: &[(String, String)]) -> Option<Move> {
    if from == to {
        return Some(Move::Unchanged);
    }
    let is_pair = |from: &Type, to: &Type| {
        pairs.iter().any(|(read, written)| {
            last_segment(from) == Some(read.clone()) && last_segment(to) == Some(written.clone())
        })
    };
    if is_pair(from, to) {
        return Some(Move::Converted);
    }
    match (inside(from, "Option"), inside(to, "Option")) {
        (None, Some(inner)) => Some(Move::InSome(Box::new(moved(from, inner, pairs)?))),
        (Some(from), Some(to)) => Some(Move::Mapped(Box::new(moved(from, to, pairs)?))),
        (None, None) => {
            let (from, to) = (inside(from, "Vec")?, inside(to, "Vec")?);
            is_pair(from, to).then_some(Move::EachConverted)
        }
        (Some(_), None) => None,
    }
}

fn last_segment(kind: &Type) -> Option<String> {
    let Type::Path(path) = kind else { return None };
    path.path.segments.last().map(|segment| segment.ident.to_string())
}
