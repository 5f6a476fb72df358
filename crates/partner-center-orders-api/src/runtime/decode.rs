//! From bytes to types.

use serde::de::DeserializeOwned;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A JSON text can't be read as the type that was asked for.
#[derive(Debug, thiserror::Error)]
#[error("{problem}{}", Place { path, line, column })]
pub struct DecodeError {
    path: String,
    line: usize,
    column: usize,
    problem: Box<str>,
    empty: bool,
}

struct Place<'a> {
    path: &'a str,
    line: &'a usize,
    column: &'a usize,
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.path.is_empty() {
            write!(f, " at `{}`", self.path)?;
        }
        if *self.line > 0 {
            write!(f, " (line {}, column {})", self.line, self.column)?;
        }
        Ok(())
    }
}

impl DecodeError {
    /// The member that can't be read, such as `items[3].creationDate`; empty where the text as a whole is no JSON.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The line of the text, from 1; 0 where there is none.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in bytes, from 1; 0 where there is none.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Whether there was no text at all.
    pub fn is_empty_body(&self) -> bool {
        self.empty
    }

    fn whole(problem: impl Into<Box<str>>, empty: bool) -> Self {
        Self { path: String::new(), line: 0, column: 0, problem: problem.into(), empty }
    }
}

/// Reads a JSON text, with or without a byte order mark before it.
///
/// # Errors
/// When it is empty, no UTF-8, no JSON, or not of that type; the error names the member, the line and the column.
///
/// ```
/// use partner_center_orders_api::runtime::decode;
/// use partner_center_orders_api::types::Link;
///
/// let link: Link = decode(b"\xEF\xBB\xBF{\"uri\":\"/orders\",\"method\":\"GET\"}").unwrap();
/// assert_eq!(link.uri, "/orders");
///
/// let error = decode::<Link>(b"{\"uri\": 7}").unwrap_err();
/// assert_eq!((error.path(), error.line()), ("uri", 1));
/// ```
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Err(DecodeError::whole("there is no body where JSON was expected", true));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| DecodeError::whole(format!("the body is not UTF-8: {error}"), false))?;
    serde_json::from_str(text).map_err(|_| explain::<T>(text))
}

/// Reads the text once more, this time keeping track of where it is: too dear to do for every payload.
fn explain<T: DeserializeOwned>(text: &str) -> DecodeError {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let (path, error) = match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
        Ok(_) => match deserializer.end() {
            Ok(()) => return DecodeError::whole("the body could not be read", false),
            Err(error) => (String::new(), error),
        },
        Err(error) => {
            // A name that can't be read shows as `?`: what is known is the object that it stands in.
            let path = error.path().to_string();
            let path = path.trim_end_matches('?').trim_end_matches('.').to_owned();
            (path, error.into_inner())
        }
    };
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    let problem = said.rsplit_once(" at line ").map_or(said.as_str(), |(problem, _)| problem);
    DecodeError { path, line, column, problem: problem.into(), empty: false }
}
