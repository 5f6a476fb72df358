//! The validator: a schema, a mode and limits.

use serde::Serialize;
use serde_json::Value;

use crate::cursor::{Cursor, Stop};
use crate::diagnosis;
use crate::finding::Report;
use crate::limits::{Limits, MAX_DEPTH};
use crate::locator::{BOM, Locator};
use crate::mode::{Direction, Mode, Strictness};
use crate::omission::{self, WholeResource};
use crate::operation::Operation;
use crate::schema::{Described, Schema, UnknownSchema};
use crate::shape::{Kinds, Shape};
use crate::sink::{Collector, Sink, StopAtFirst};
use crate::syntax_error::SyntaxError;
use crate::tree;
use crate::walk::Walk;

/// Validates payloads against one schema; by default as responses, leniently.
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
/// let report = Validator::new(Schema::ORDER).validate(order)?;
///
/// let [finding] = report.findings.as_slice() else { panic!("{report}") };
/// assert_eq!(finding.code, Code::WrongType);
/// assert_eq!(finding.pointer, "/lineItems/0/quantity");
/// assert_eq!(finding.location.map(|location| (location.line, location.column)), Some((5, 79)));
/// assert_eq!(finding.suggestion.as_deref(), Some("write 1 without quotes"));
/// # Ok::<(), partner_center_orders_schema::SyntaxError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validator {
    /// The schema that was named.
    named: Schema,
    /// The schema that applies, by the direction.
    schema: Schema,
    mode: Mode,
    limits: Limits,
    /// The rule for requests that have to be the whole of a resource.
    whole: Option<&'static WholeResource>,
}

impl Validator {
    /// Creates a validator for this schema.
    pub const fn new(schema: Schema) -> Self {
        let mode = Mode { direction: Direction::Response, strictness: Strictness::Lenient };
        Self { named: schema, schema, mode, limits: Limits::DEFAULT, whole: None }
    }

    /// Creates a validator for the schema with this name or title.
    ///
    /// # Errors
    /// Fails if the contract has no such schema.
    pub fn named(name: &str) -> Result<Self, UnknownSchema> {
        Schema::named(name).map(Self::new)
    }

    /// Creates a validator for the schema that describes this type.
    pub fn of<T: Described>() -> Self {
        Self::new(T::SCHEMA)
    }

    /// Creates a validator for the JSON requests of this operation; `None` if it has none.
    ///
    /// In addition to what the schema requires, it reports members that the operation resets where a request leaves them out:
    /// `update_subscription` has to be sent the whole subscription, as it was read. A request without `id`, `quantity`,
    /// `status` or `autoRenewEnabled` is evidently not the whole.
    ///
    /// ```
    /// use partner_center_orders_schema::{Code, Operation, Validator};
    ///
    /// let operation = Operation::named("update_subscription")?;
    /// let validator = Validator::of_request(operation).expect("a request with a body");
    /// let report = validator.validate(br#"{ "id": "2f7d6c1e-93b8-4a50-8d41-6be0c4f1a927", "quantity": 30 }"#)?;
    /// assert_eq!(report.findings[0].code, Code::ResetByOmission);
    /// assert_eq!(report.findings[0].pointer, "/autoRenewEnabled");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_request(operation: &Operation) -> Option<Self> {
        let mut validator = Self::new(operation.request()?).request();
        validator.whole = WholeResource::of(operation);
        Some(validator)
    }

    /// Validates payloads as requests. A resource's name then means its [write form](Schema::write_form).
    #[must_use]
    pub fn request(self) -> Self {
        self.direction(Direction::Request)
    }

    /// Validates payloads as responses.
    #[must_use]
    pub fn response(self) -> Self {
        self.direction(Direction::Response)
    }

    /// Sets the direction of the payloads.
    #[must_use]
    pub fn direction(mut self, direction: Direction) -> Self {
        self.mode.direction = direction;
        self.schema = match direction {
            Direction::Request => self.named.write_form(),
            Direction::Response => self.named,
        };
        self
    }

    /// Reports unknown members and enum values.
    #[must_use]
    pub fn strict(self) -> Self {
        self.strictness(Strictness::Strict)
    }

    /// Accepts unknown members and enum values.
    #[must_use]
    pub fn lenient(self) -> Self {
        self.strictness(Strictness::Lenient)
    }

    /// Sets the strictness.
    #[must_use]
    pub fn strictness(mut self, strictness: Strictness) -> Self {
        self.mode.strictness = strictness;
        self
    }

    /// Sets the limits.
    ///
    /// ```
    /// use partner_center_orders_schema::{Limits, Schema, Validator};
    ///
    /// let mut limits = Limits::default();
    /// limits.findings = 1;
    /// let report = Validator::new(Schema::ORDER).limits(limits).validate(b"{}")?;
    /// assert!(report.is_truncated());
    /// assert_eq!((report.findings.len(), report.omitted), (1, 3));
    /// # Ok::<(), partner_center_orders_schema::SyntaxError>(())
    /// ```
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Limits { depth: limits.depth.min(MAX_DEPTH), ..limits };
        self
    }

    /// Returns the schema that payloads are validated against: for requests, the write form of the one that was named.
    ///
    /// ```
    /// use partner_center_orders_schema::{Schema, Validator};
    ///
    /// assert_eq!(Validator::new(Schema::ORDER).request().schema(), Schema::NEW_ORDER);
    /// ```
    pub const fn schema(&self) -> Schema {
        self.schema
    }

    /// Whether these bytes are a valid payload. A byte order mark before it is allowed.
    ///
    /// Nothing is allocated for a valid payload without escapes in its names and enum values, and with no more than twelve
    /// unknown names in one object; more names than that are kept in a set, to notice duplicates.
    pub fn is_valid(&self, payload: &[u8]) -> bool {
        let text = payload.strip_prefix(BOM).unwrap_or(payload);
        std::str::from_utf8(payload).is_ok()
            && self.walk(payload, StopAtFirst).1.is_ok()
            && self.whole_request().is_none_or(|whole| whole.reset_by(text).is_empty())
    }

    /// Whether this value is a valid payload. Nothing is allocated.
    ///
    /// Members that the contract knows may nest 127 levels deep, whatever limit is set; unknown members are not examined.
    pub fn is_valid_value(&self, payload: &Value) -> bool {
        tree::is_valid(self.schema, payload, self.mode)
            && self.whole_request().is_none_or(|whole| whole.reset_by_value(payload).is_empty())
    }

    /// Returns all findings about these bytes. A byte order mark before the payload is allowed.
    ///
    /// # Errors
    /// Fails if the bytes are not JSON, or nest too deep.
    pub fn validate(&self, payload: &[u8]) -> Result<Report, SyntaxError> {
        if let Err(invalid) = std::str::from_utf8(payload) {
            return Err(diagnosis::not_utf8(payload, invalid.valid_up_to()));
        }
        self.collect(payload, Some(payload))
    }

    /// Returns all findings about this value. They have no locations.
    ///
    /// # Errors
    /// Fails if the value nests too deep.
    pub fn validate_value(&self, payload: &Value) -> Result<Report, SyntaxError> {
        if self.is_valid_value(payload) {
            return Ok(Report::default());
        }
        if !is_shallow(payload, self.limits.depth) {
            return Err(diagnosis::too_deep(self.limits.depth));
        }
        self.validate_typed(payload)
    }

    /// Returns all findings about the JSON that this value is serialized to. They have no locations.
    ///
    /// # Errors
    /// Fails if the value can't be serialized to JSON, or nests too deep.
    pub fn validate_typed<T: Serialize + ?Sized>(&self, payload: &T) -> Result<Report, SyntaxError> {
        let text = serde_json::to_vec(payload).map_err(|error| diagnosis::unwritable(&error))?;
        self.collect(&text, None)
    }

    pub(crate) const fn mode(&self) -> Mode {
        self.mode
    }

    /// Collects the findings about UTF-8 text, with locations in `original`.
    fn collect(&self, text: &[u8], original: Option<&[u8]>) -> Result<Report, SyntaxError> {
        let (walk, outcome) = self.walk(text, Collector::new(self.limits.findings));
        match outcome {
            Ok(()) | Err(Stop::AtFinding) => {
                let mut report = walk.sink.into_report(original);
                self.report_omissions(text, original, &mut report);
                Ok(report)
            }
            Err(Stop::Syntax(expected)) => Err(diagnosis::diagnose(text, walk.cursor.at, expected, self.limits.depth)),
        }
    }

    /// Adds the findings about members that a request resets. They are about the whole object, so they come first.
    fn report_omissions(&self, text: &[u8], original: Option<&[u8]>, report: &mut Report) {
        let Some(whole) = self.whole_request() else { return };
        let start = if text.starts_with(BOM) { BOM.len() } else { 0 };
        let object = text.iter().skip(start).position(|byte| *byte == b'{').map_or(start, |at| start + at);
        for member in whole.reset_by(&text[start..]).into_iter().rev() {
            if report.findings.len() >= self.limits.findings {
                report.omitted += 1;
                continue;
            }
            let location = original.map(|original| Locator::new(original).locate(object));
            report.findings.insert(0, omission::finding(self.schema, member, location));
        }
    }

    /// The rule of [`of_request`](Self::of_request), which responses don't have.
    fn whole_request(&self) -> Option<&'static WholeResource> {
        self.whole.filter(|_| self.mode.direction == Direction::Request)
    }

    fn walk<'a, S: Sink<'a>>(&self, payload: &'a [u8], sink: S) -> (Walk<'a, S>, Result<(), Stop>) {
        let start = if payload.starts_with(BOM) { BOM.len() } else { 0 };
        let mut walk = Walk::new(Cursor::new(payload, start), sink, self.mode, self.limits.depth);
        let outcome = walk.document(self.schema);
        (walk, outcome)
    }
}

/// Returns the syntax error of bytes that are not JSON.
pub(crate) fn syntax_error_in(payload: &[u8]) -> Option<SyntaxError> {
    static ANY: Shape = Shape::of(Kinds::ANY);
    Validator::new(Schema(&ANY)).validate(payload).err()
}

/// Whether a value nests no deeper than this.
fn is_shallow(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(values) => levels > 0 && values.iter().all(|value| is_shallow(value, levels - 1)),
        Value::Object(object) => levels > 0 && object.values().all(|value| is_shallow(value, levels - 1)),
        _ => true,
    }
}
