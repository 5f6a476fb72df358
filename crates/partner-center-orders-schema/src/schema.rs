//! The contract's schemas, addressed by name or by Rust type.

use std::fmt;

use crate::escaped::Escaped;
use crate::generated::SHAPES;
use crate::shape::Shape;
use crate::suggest;

/// A handle to a named schema of the contract, cheap to copy.
///
/// Each schema has a constant, such as [`Schema::ORDER`].
///
/// ```
/// use partner_center_orders_schema::Schema;
///
/// assert_eq!(Schema::named("Order")?, Schema::ORDER);
/// assert_eq!(Schema::named("ResourceCollection<Order>")?.name(), "OrderCollection");
/// # Ok::<(), partner_center_orders_schema::UnknownSchema>(())
/// ```
#[derive(Clone, Copy)]
pub struct Schema(pub(crate) &'static Shape);

/// A Rust type that has a schema in the contract.
///
/// ```
/// use partner_center_orders_schema::{Described, Schema, Validator};
///
/// #[derive(serde::Serialize)]
/// struct MyOrder { id: String }
///
/// impl Described for MyOrder {
///     const SCHEMA: Schema = Schema::ORDER;
/// }
///
/// let report = Validator::of::<MyOrder>().validate_typed(&MyOrder { id: "5cf72f146967".into() })?;
/// assert!(report.findings.iter().any(|finding| finding.pointer == "/lineItems"));
/// # Ok::<(), partner_center_orders_schema::SyntaxError>(())
/// ```
pub trait Described {
    /// The schema that describes this type.
    const SCHEMA: Schema;
}

/// The contract has no schema with this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the contract has no schema `{}`{}", Escaped(name), hint(self.suggestion))]
#[non_exhaustive]
pub struct UnknownSchema {
    /// The requested name.
    pub name: String,
    /// A similar name.
    pub suggestion: Option<&'static str>,
}

pub(crate) fn hint(suggestion: Option<&'static str>) -> String {
    suggestion.map(|similar| format!("; did you mean `{similar}`?")).unwrap_or_default()
}

impl Schema {
    /// Returns the schema with this name or title: `OrderCollection`, `ResourceCollection<Order>`.
    ///
    /// # Errors
    /// Fails if there is none; letter case counts.
    pub fn named(name: &str) -> Result<Self, UnknownSchema> {
        Self::all().find(|schema| schema.name() == name || schema.title() == Some(name)).ok_or_else(|| UnknownSchema {
            name: name.to_owned(),
            suggestion: suggest::nearest(
                name,
                Self::all().flat_map(|schema| [Some(schema.name()), schema.title()].into_iter().flatten()),
            ),
        })
    }

    /// Returns every schema, sorted by name.
    pub fn all() -> impl Iterator<Item = Self> {
        SHAPES.iter().map(|shape| Self(shape))
    }

    /// Returns the name in the contract.
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// Returns the service's own name, where it differs: `ResourceCollection<Order>`.
    pub fn title(self) -> Option<&'static str> {
        Some(self.0.title).filter(|title| !title.is_empty())
    }

    /// Returns the contract's description.
    pub const fn description(self) -> &'static str {
        self.0.description
    }

    /// Returns the form in which a client sends this resource: `NewOrder` for `Order`.
    ///
    /// For a resource that can be changed but not created it is the form of a change: `SubscriptionPatch` for
    /// `Subscription`. A schema without such a form is sent as it is received.
    #[must_use]
    pub fn write_form(self) -> Self {
        let name = self.name();
        let form = |prefix: &str, suffix: &str| {
            Self::all().find(|schema| {
                schema.name().strip_prefix(prefix).and_then(|rest| rest.strip_suffix(suffix)) == Some(name)
            })
        };
        form("New", "").or_else(|| form("", "Patch")).unwrap_or(self)
    }

    /// Returns the form in which the service returns what this schema writes: `Order` for `NewOrder` and `OrderPatch`.
    pub(crate) fn read_form(self) -> Option<Self> {
        let name = self.name();
        let read = name.strip_prefix("New").or_else(|| name.strip_suffix("Patch"))?;
        Self::all().find(|schema| schema.name() == read)
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Schema {}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Schema({})", self.name())
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
