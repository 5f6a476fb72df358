//! Short inputs that nest deep, which mutations alone seldom produce.

use std::borrow::Cow;

/// Begins a fold, and ends each of its two texts. No JSON and no YAML has it.
const FOLD: u8 = 0x1e;

/// The number of levels that a byte counts.
const LEVELS: usize = 64;

/// The limit for an expanded input.
const MOST: usize = 4 << 20;

/// Expands each fold of the input: `␞`, a byte that counts levels, the text that opens one, `␞`, the text that closes one,
/// `␞`. A fold within a fold is unchanged.
///
/// An input without a fold is unchanged, and so is one that ends in the middle of one, or would become too long.
pub fn unfolded(input: &[u8]) -> Cow<'_, [u8]> {
    if !input.contains(&FOLD) {
        return Cow::Borrowed(input);
    }
    let mut out = Vec::new();
    let mut rest = input;
    while let Some(start) = rest.iter().position(|byte| *byte == FOLD) {
        let Some(fold) = Fold::at(&rest[start + 1..]) else { break };
        if out.len() + fold.levels * (fold.open.len() + fold.close.len()) > MOST {
            break;
        }
        out.extend_from_slice(&rest[..start]);
        out.extend(fold.open.repeat(fold.levels));
        out.extend(fold.close.repeat(fold.levels));
        rest = &rest[start + 1 + fold.length..];
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

struct Fold<'a> {
    levels: usize,
    open: &'a [u8],
    close: &'a [u8],
    length: usize,
}

impl<'a> Fold<'a> {
    fn at(text: &'a [u8]) -> Option<Self> {
        let (count, texts) = text.split_first()?;
        let end = |text: &[u8]| text.iter().position(|byte| *byte == FOLD);
        let open = &texts[..end(texts)?];
        let behind = &texts[open.len() + 1..];
        let close = &behind[..end(behind)?];
        Some(Self { levels: usize::from(*count) * LEVELS, open, close, length: 1 + open.len() + 1 + close.len() + 1 })
    }
}
