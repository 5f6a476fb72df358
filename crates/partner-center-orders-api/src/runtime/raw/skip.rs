//! Steps over values without building them.

use crate::runtime::reader::{Reader, Rejected, plain};

impl<'a> Reader<'a> {
    /// Steps over the value at the cursor and returns its text. It has to follow JSON's grammar, and no more: a number may be of
    /// any size, and an escape may be half of a surrogate pair.
    pub(crate) fn raw(&mut self) -> Result<&'a str, Rejected> {
        self.blank();
        let start = self.at;
        self.skip()?;
        self.text.get(start..self.at).ok_or(Rejected)
    }

    /// The name of a member, quotes included, and its value's text.
    pub(super) fn raw_member(&mut self) -> Result<(&'a str, &'a str), Rejected> {
        self.blank();
        let start = self.at;
        self.skip_text()?;
        let name = self.text.get(start..self.at).ok_or(Rejected)?;
        self.take(b':')?;
        Ok((name, self.raw()?))
    }

    /// The next of the members that a text consists of, which was checked.
    pub(in crate::runtime) fn next_member(&mut self) -> Option<(&'a str, &'a str)> {
        let member = self.raw_member().ok()?;
        self.step(1);
        Some(member)
    }

    fn skip(&mut self) -> Result<(), Rejected> {
        let is_word = match self.blank() {
            b'"' => return self.skip_text(),
            b'{' => return self.object(|reader| reader.raw_member().map(drop)),
            b'[' => return self.array(Self::skip),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => return self.number().map(drop),
        };
        if is_word { Ok(()) } else { Err(Rejected) }
    }

    fn skip_text(&mut self) -> Result<(), Rejected> {
        if self.peek() != b'"' {
            return Err(Rejected);
        }
        self.step(1);
        loop {
            self.step(plain(self.ahead()));
            match self.ahead() {
                [b'"', ..] => {
                    self.step(1);
                    return Ok(());
                }
                [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => self.step(2),
                [b'\\', b'u', digits @ ..] if has_four_digits(digits) => self.step(6),
                _ => return Err(Rejected),
            }
        }
    }
}

fn has_four_digits(text: &[u8]) -> bool {
    text.first_chunk::<4>().is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}
