//! The service's error codes as open enums, from the table `spec/error-codes.csv`.

use std::collections::BTreeMap;

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use serde::Deserialize;

use super::text::sentence;

/// The area whose codes are found in cart lines, not in faults: a number there means something else than in a fault.
const CART_LINE: &str = "cart-line";

/// The table is wrong.
#[derive(Debug, thiserror::Error)]
pub enum ErrorCodesError {
    /// A row can't be read.
    #[error("spec/error-codes.csv: {0}; the columns are code,status,name,area,meaning,hint,source")]
    Csv(#[from] csv::Error),
    /// A row contradicts another one.
    #[error("spec/error-codes.csv:{line}: {problem}")]
    Row {
        /// The line, from 1.
        line: u64,
        /// What is wrong and what to do.
        problem: String,
    },
}

/// One row of the table.
#[derive(Clone, Debug, Deserialize)]
struct Row {
    code: i64,
    status: Option<u16>,
    name: String,
    area: String,
    meaning: String,
    hint: String,
    #[serde(rename = "source")]
    _source: String,
}

/// All rows of one code.
struct Code {
    number: i64,
    name: String,
    area: String,
    rows: Vec<Row>,
}

fn read(csv_text: &str) -> Result<Vec<Code>, ErrorCodesError> {
    let mut codes: BTreeMap<(bool, i64), Code> = BTreeMap::new();
    let mut names: BTreeMap<(bool, String), i64> = BTreeMap::new();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(csv_text.as_bytes());
    let headers = reader.headers()?.clone();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let row: Row = record.deserialize(Some(&headers))?;
        let wrong = |problem: String| ErrorCodesError::Row { line, problem };
        let cart_line = row.area == CART_LINE;
        if syn::parse_str::<syn::Ident>(&row.name).is_err() || !row.name.starts_with(|c: char| c.is_ascii_uppercase()) {
            return Err(wrong(format!("the name `{}` is no PascalCase identifier", row.name)));
        }
        let taken = *names.entry((cart_line, row.name.clone())).or_insert(row.code);
        if taken != row.code {
            return Err(wrong(format!("the name `{}` belongs to code {taken} already", row.name)));
        }
        let code = codes.entry((cart_line, row.code)).or_insert_with(|| Code {
            number: row.code,
            name: row.name.clone(),
            area: row.area.clone(),
            rows: Vec::new(),
        });
        if code.name != row.name {
            return Err(wrong(format!(
                "code {} is named `{}` in an earlier row; name it the same",
                row.code, code.name
            )));
        }
        if code.rows.iter().any(|other| other.status == row.status) {
            return Err(wrong(format!("code {} has a row for this status already", row.code)));
        }
        code.rows.push(row);
    }
    Ok(codes.into_values().collect())
}

/// The file `error_code.rs`.
///
/// # Errors
/// When the table can't be read or contradicts itself.
pub fn error_code_enum(csv_text: &str) -> Result<TokenStream, ErrorCodesError> {
    let (cart, fault): (Vec<Code>, Vec<Code>) = read(csv_text)?.into_iter().partition(|code| code.area == CART_LINE);
    let fault = code_enum(
        "ErrorCode",
        "The code of a fault: why the service rejected the request.\n\nThe list is open: a number that isn't in the project's table is [`Other`](Self::Other).",
        &fault,
    );
    let cart = code_enum(
        "CartErrorCode",
        "The code of an error in a cart line.\n\nThe list is open: a number that isn't in the project's table is [`Other`](Self::Other).",
        &cart,
    );
    Ok(quote! { #fault #cart })
}

fn code_enum(name: &str, docs: &str, codes: &[Code]) -> TokenStream {
    let docs = docs.lines().map(|line| format!(" {line}"));
    let name = format_ident!("{name}");
    let variants: Vec<_> = codes.iter().map(|code| format_ident!("{}", code.name)).collect();
    let variant_docs = codes.iter().map(|code| {
        let meaning = code.rows.iter().map(|row| row.meaning.as_str()).find(|text| !text.is_empty());
        format!(" {}: {}", code.number, meaning.map_or_else(|| "not explained anywhere.".to_owned(), sentence))
    });
    let numbers: Vec<_> = codes.iter().map(|code| Literal::i64_unsuffixed(code.number)).collect();
    let names = codes.iter().map(|code| code.name.as_str());
    let areas = codes.iter().map(|code| code.area.as_str());
    let statuses = codes.iter().map(|code| {
        let statuses = code.rows.iter().filter_map(|row| row.status).map(Literal::u16_unsuffixed);
        quote!(&[#(#statuses),*])
    });
    let text = |of: fn(&Row) -> &str| {
        let arms: Vec<TokenStream> = codes
            .iter()
            .zip(&variants)
            .flat_map(|(code, variant)| {
                let mut filled: Vec<(&Row, &str)> =
                    code.rows.iter().map(|row| (row, of(row))).filter(|(_, text)| !text.is_empty()).collect();
                let last = filled.first().copied();
                if filled.iter().all(|(_, text)| Some(*text) == last.map(|(_, text)| text)) {
                    filled.clear();
                }
                let by_status = filled.into_iter().filter_map(move |(row, text)| {
                    let status = Literal::u16_unsuffixed(row.status?);
                    Some(quote!((Self::#variant, Some(#status)) => Some(#text),))
                });
                let otherwise = last.map(|(_, text)| quote!((Self::#variant, _) => Some(#text),));
                by_status.chain(otherwise).collect::<Vec<_>>()
            })
            .collect();
        arms
    };
    let meanings = text(|row| &row.meaning);
    let hints = text(|row| &row.hint);
    quote! {
        #(#[doc = #docs])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(
                #[doc = #variant_docs]
                #variants,
            )*
            /// A number that the table doesn't hold.
            Other(i64),
        }

        impl #name {
            /// Every code of the table, by number.
            pub const ALL: &'static [Self] = &[#(Self::#variants),*];

            /// The code with that number.
            pub const fn from_number(number: i64) -> Self {
                match number {
                    #(#numbers => Self::#variants,)*
                    other => Self::Other(other),
                }
            }

            /// The number on the wire.
            pub const fn number(self) -> i64 {
                match self {
                    #(Self::#variants => #numbers,)*
                    Self::Other(number) => number,
                }
            }

            /// The project's name for the code; none for a number that the table doesn't hold.
            pub const fn name(self) -> Option<&'static str> {
                match self {
                    #(Self::#variants => Some(#names),)*
                    Self::Other(_) => None,
                }
            }

            /// What part of the service the code belongs to.
            pub const fn area(self) -> Option<&'static str> {
                match self {
                    #(Self::#variants => Some(#areas),)*
                    Self::Other(_) => None,
                }
            }

            /// The HTTP statuses that the code is documented with.
            pub const fn statuses(self) -> &'static [u16] {
                match self {
                    #(Self::#variants => #statuses,)*
                    Self::Other(_) => &[],
                }
            }

            /// What the code means, as far as that is known.
            pub const fn meaning(self) -> Option<&'static str> {
                self.meaning_with(None)
            }

            /// What the code means when it comes with this HTTP status: a few mean different things with different ones.
            #[allow(clippy::too_many_lines)]
            pub const fn meaning_with(self, status: Option<u16>) -> Option<&'static str> {
                match (self, status) {
                    #(#meanings)*
                    _ => None,
                }
            }

            /// What to do about it, as far as that is known.
            pub const fn hint(self) -> Option<&'static str> {
                self.hint_with(None)
            }

            /// What to do about it when it comes with this HTTP status.
            pub const fn hint_with(self, status: Option<u16>) -> Option<&'static str> {
                match (self, status) {
                    #(#hints)*
                    _ => None,
                }
            }
        }

        impl ::std::fmt::Display for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                match self.name() {
                    Some(name) => write!(f, "{} ({name})", self.number()),
                    None => write!(f, "{}", self.number()),
                }
            }
        }

        impl From<i64> for #name {
            fn from(number: i64) -> Self {
                Self::from_number(number)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "code,status,name,area,meaning,hint,source\n";

    fn printed(rows: &str) -> String {
        let tokens = error_code_enum(&format!("{HEADER}{rows}")).unwrap();
        prettyplease::unparse(&syn::parse2(tokens).unwrap())
    }

    fn problem(rows: &str) -> String {
        error_code_enum(&format!("{HEADER}{rows}")).unwrap_err().to_string()
    }

    #[test]
    fn a_code_with_two_statuses_keeps_both_meanings() {
        let code = printed(
            "2006,403,OfferNotAllowed,orders,not for this partner,,d\n2006,400,OfferNotAllowed,orders,not updatable,,d\n",
        );
        assert!(code.contains("(Self::OfferNotAllowed, Some(403)) => Some(\"not for this partner\")"), "{code}");
        assert!(code.contains("(Self::OfferNotAllowed, Some(400)) => Some(\"not updatable\")"), "{code}");
        assert!(code.contains("Self::OfferNotAllowed => &[403, 400]"), "{code}");
    }

    #[test]
    fn what_is_not_known_is_not_invented() {
        let code = printed("1,400,Mute,orders,,,d\n");
        assert!(!code.contains("(Self::Mute, _)"), "{code}");
    }

    #[test]
    fn cart_lines_have_numbers_of_their_own() {
        let code = printed("10001,404,A,orders,,,d\n10001,,B,cart-line,,,d\n");
        assert!(code.contains("pub enum ErrorCode") && code.contains("pub enum CartErrorCode"), "{code}");
    }

    #[test]
    fn contradictions_name_their_line() {
        assert!(
            problem("1,400,A,orders,,,d\n1,404,B,orders,,,d\n")
                .starts_with("spec/error-codes.csv:3: code 1 is named `A`")
        );
        assert!(problem("1,400,A,orders,,,d\n2,400,A,orders,,,d\n").contains("belongs to code 1 already"));
        assert!(problem("1,400,A,orders,,,d\n1,400,A,orders,,,d\n").contains("a row for this status already"));
        assert!(problem("1,400,not a name,orders,,,d\n").contains("no PascalCase identifier"));
    }

    #[test]
    fn a_row_that_cannot_be_read_is_rejected() {
        assert!(problem("x,400,A,orders,,,d\n").contains("the columns are"));
    }
}
