//! Text that is mostly short.

use std::fmt;

/// Text that lies in place where it has at most `N` bytes: there is one amount beside the other in a list of orders, and an
/// allocation each would cost more than all else about them.
#[derive(Clone)]
pub(super) enum ShortText<const N: usize> {
    Inside { length: u8, bytes: [u8; N] },
    Outside(Box<str>),
}

impl<const N: usize> ShortText<N> {
    /// Nothing.
    pub(super) const EMPTY: Self = Self::Inside { length: 0, bytes: [0; N] };

    /// The text's bytes.
    #[inline]
    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Inside { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Self::Outside(text) => text.as_bytes(),
        }
    }

    /// The text.
    #[inline]
    pub(super) fn as_str(&self) -> &str {
        match self {
            // What is inside was text when it came in.
            Self::Inside { .. } => std::str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Self::Outside(text) => text,
        }
    }
}

impl<const N: usize> From<&str> for ShortText<N> {
    #[inline]
    fn from(text: &str) -> Self {
        let mut bytes = [0; N];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(inside), Ok(length)) => {
                inside.copy_from_slice(text.as_bytes());
                Self::Inside { length, bytes }
            }
            _ => Self::Outside(text.into()),
        }
    }
}

impl<const N: usize> From<String> for ShortText<N> {
    fn from(text: String) -> Self {
        if text.len() > N { Self::Outside(text.into()) } else { Self::from(text.as_str()) }
    }
}

impl<const N: usize> fmt::Debug for ShortText<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::ShortText;

    #[test]
    fn text_is_the_same_inside_and_outside() {
        for text in ["", "1", "€", "12345678", "123456789", "1234567890"] {
            assert_eq!(ShortText::<8>::from(text).as_str(), text);
            assert_eq!(ShortText::<8>::from(text.to_owned()).as_str(), text);
            assert_eq!(format!("{:?}", ShortText::<8>::from(text)), format!("{text:?}"));
        }
        assert!(matches!(ShortText::<8>::from("12345678"), ShortText::Inside { .. }));
        assert!(matches!(ShortText::<8>::from("123456789"), ShortText::Outside(_)));
    }
}
