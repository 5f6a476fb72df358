//! The entrance: a schema, a reading, and payloads to judge.

use serde::Serialize;
use serde_json::Value;

use crate::cursor::{Cursor, Stop};
use crate::damage::{self, Damage};
use crate::finding::Report;
use crate::judge::Judge;
use crate::limits::{Limits, MAX_DEPTH};
use crate::places::BOM;
use crate::reading::{Direction, Reading, Strictness};
use crate::schema::{Described, Schema, UnknownSchema};
use crate::shape::{Kinds, Shape};
use crate::tree;
use crate::witness::{Protocol, Verdict, Witness};

/// Judges payloads against one schema, as an answer and leniently unless told otherwise.
///
/// ```
/// use partner_center_orders_schema::{Code, Schema, Validator};
///
/// let order = br#"{
///   "id": "5cf72f146967",
///   "referenceCustomerId": "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d",
///   "creationDate": "2021-03-02T11:04:05Z",
///   "lineItems": [{ "lineItemNumber": 0, "offerId": "MS-AZR-0145P", "quantity": "1" }]
/// }"#;
/// let report = Validator::new(Schema::ORDER).judge(order)?;
///
/// let [finding] = report.findings.as_slice() else { panic!("{report}") };
/// assert_eq!(finding.code, Code::WrongType);
/// assert_eq!(finding.pointer, "/lineItems/0/quantity");
/// assert_eq!(finding.place.map(|place| (place.line, place.column)), Some((5, 79)));
/// assert_eq!(finding.suggestion.as_deref(), Some("write 1 without quotes"));
/// # Ok::<(), partner_center_orders_schema::Damage>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validator {
    schema: Schema,
    /// The schema that rules, by the direction.
    ruling: Schema,
    reading: Reading,
    limits: Limits,
}

impl Validator {
    /// A validator for this schema.
    pub const fn new(schema: Schema) -> Self {
        let reading = Reading { direction: Direction::Response, strictness: Strictness::Lenient };
        Self { schema, ruling: schema, reading, limits: Limits::USUAL }
    }

    /// A validator for the schema with this name or title.
    ///
    /// # Errors
    /// When the contract has no such schema.
    pub fn named(name: &str) -> Result<Self, UnknownSchema> {
        Schema::named(name).map(Self::new)
    }

    /// A validator for the schema that describes this type.
    pub fn of<T: Described>() -> Self {
        Self::new(T::SCHEMA)
    }

    /// Payloads are sent by a client. A resource's name then means its [write form](Schema::write_form).
    #[must_use]
    pub fn request(self) -> Self {
        self.direction(Direction::Request)
    }

    /// Payloads are answers of the service.
    #[must_use]
    pub fn response(self) -> Self {
        self.direction(Direction::Response)
    }

    /// Payloads travel this way.
    #[must_use]
    pub fn direction(mut self, direction: Direction) -> Self {
        self.reading.direction = direction;
        self.ruling = match direction {
            Direction::Request => self.schema.write_form(),
            Direction::Response => self.schema,
        };
        self
    }

    /// Unknown members and enum values are findings.
    #[must_use]
    pub fn strict(self) -> Self {
        self.strictness(Strictness::Strict)
    }

    /// Unknown members and enum values are no findings.
    #[must_use]
    pub fn lenient(self) -> Self {
        self.strictness(Strictness::Lenient)
    }

    /// Payloads are read this strictly.
    #[must_use]
    pub fn strictness(mut self, strictness: Strictness) -> Self {
        self.reading.strictness = strictness;
        self
    }

    /// Sets other limits.
    ///
    /// ```
    /// use partner_center_orders_schema::{Limits, Schema, Validator};
    ///
    /// let mut limits = Limits::default();
    /// limits.findings = 1;
    /// let report = Validator::new(Schema::ORDER).limits(limits).judge(b"{}")?;
    /// assert_eq!((report.findings.len(), report.more), (1, 3));
    /// # Ok::<(), partner_center_orders_schema::Damage>(())
    /// ```
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Limits { depth: limits.depth.min(MAX_DEPTH), ..limits };
        self
    }

    /// The schema that rules, after the direction was taken into account.
    pub const fn ruling(&self) -> Schema {
        self.ruling
    }

    /// Whether these bytes are a valid payload. A byte order mark before it is no fault.
    ///
    /// Nothing is allocated for a valid payload without escapes in its names and enum values, and with no more than twelve
    /// names in one object that the contract doesn't list; from there on they are kept in a set, to notice one that repeats.
    pub fn is_valid(&self, payload: &[u8]) -> bool {
        std::str::from_utf8(payload).is_ok() && self.walk(payload, Verdict).1.is_ok()
    }

    /// Whether this value is a valid payload. Nothing is allocated.
    ///
    /// What the contract knows of it may nest 127 levels deep, whatever limit is set; what the contract doesn't know isn't
    /// looked into.
    pub fn is_valid_value(&self, payload: &Value) -> bool {
        tree::is_valid(self.ruling, payload, self.reading)
    }

    /// All that is wrong with these bytes. A byte order mark before the payload is no fault.
    ///
    /// # Errors
    /// When the bytes are no JSON, or nest too deep.
    pub fn judge(&self, payload: &[u8]) -> Result<Report, Damage> {
        if let Err(wrong) = std::str::from_utf8(payload) {
            return Err(damage::not_utf8(payload, wrong.valid_up_to()));
        }
        let (judge, outcome) = self.walk(payload, Protocol::new(self.limits.findings));
        match outcome {
            Ok(()) | Err(Stop::Refused) => Ok(judge.witness.close(Some(payload))),
            Err(Stop::Damaged(wanted)) => Err(damage::diagnose(payload, judge.cursor.at, wanted, self.limits.depth)),
        }
    }

    /// All that is wrong with this value. The findings have no places.
    ///
    /// # Errors
    /// When the value nests too deep.
    pub fn judge_value(&self, payload: &Value) -> Result<Report, Damage> {
        if self.is_valid_value(payload) {
            return Ok(Report::default());
        }
        if !is_shallow(payload, self.limits.depth) {
            return Err(damage::too_deep(self.limits.depth));
        }
        self.judge_typed(payload)
    }

    /// All that is wrong with what this value is written as. The findings have no places.
    ///
    /// # Errors
    /// When the value can't be written as JSON, or nests too deep.
    pub fn judge_typed<T: Serialize + ?Sized>(&self, payload: &T) -> Result<Report, Damage> {
        let text = serde_json::to_vec(payload).map_err(|error| damage::unwritable(&error))?;
        let (judge, outcome) = self.walk(&text, Protocol::new(self.limits.findings));
        match outcome {
            Ok(()) | Err(Stop::Refused) => Ok(judge.witness.close(None)),
            Err(Stop::Damaged(wanted)) => Err(damage::diagnose(&text, judge.cursor.at, wanted, self.limits.depth)),
        }
    }

    pub(crate) const fn reading(&self) -> Reading {
        self.reading
    }

    fn walk<'a, W: Witness<'a>>(&self, payload: &'a [u8], witness: W) -> (Judge<'a, W>, Result<(), Stop>) {
        let start = if payload.starts_with(BOM) { BOM.len() } else { 0 };
        let mut judge = Judge::new(Cursor::new(payload, start), witness, self.reading, self.limits.depth);
        let outcome = judge.whole(self.ruling);
        (judge, outcome)
    }
}

/// Why these bytes are no JSON, if they aren't.
pub(crate) fn damage_of(payload: &[u8]) -> Option<Damage> {
    static ANY: Shape = Shape::of(Kinds::ANY);
    Validator::new(Schema(&ANY)).judge(payload).err()
}

/// Whether a value nests no deeper than this.
fn is_shallow(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(values) => levels > 0 && values.iter().all(|value| is_shallow(value, levels - 1)),
        Value::Object(object) => levels > 0 && object.values().all(|value| is_shallow(value, levels - 1)),
        _ => true,
    }
}
