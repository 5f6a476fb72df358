//! Query parameters.

use serde::{Serialize, Serializer};

/// One query parameter; an absent value writes nothing.
///
/// ```
/// use partner_center_orders_api::runtime::{HttpTransport, QueryParam};
///
/// let client = HttpTransport::http_client().build()?;
/// let request = client
///     .get("https://example.com/orders")
///     .query(&QueryParam::new("include_price", &Some(true)))
///     .query(&QueryParam::new("billingType", &None::<String>))
///     .build()?;
/// assert_eq!(request.url().query(), Some("include_price=true"));
/// # Ok::<(), reqwest::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct QueryParam<'a, T> {
    name: &'a str,
    value: &'a T,
}

impl<'a, T: Serialize> QueryParam<'a, T> {
    /// Creates a parameter of this name.
    pub fn new(name: &'a str, value: &'a T) -> Self {
        Self { name, value }
    }
}

impl<T: Serialize> Serialize for QueryParam<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq([(self.name, self.value)])
    }
}
