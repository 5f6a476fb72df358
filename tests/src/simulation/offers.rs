//! The catalog items that are bought.

pub(super) const LICENCES: &str = "84A03D81-6B37-4D66-8D4A-FAEA24541538";
pub(super) const ADD_ON: &str = "D1F63B7A-58E2-4C09-B3A1-7094E6C2158D";
pub(super) const NEW_COMMERCE: &str = "CFQ7TTC0LDPB:0001:CFQ7TTC0QNPW";
pub(super) const SOFTWARE: &str = "DG7GMGF0DWT0:0001:DG7GMGF0DSQR";
/// Its lines always have an error.
pub(super) const OUT_OF_STOCK: &str = "DG7GMGF0STCK:0001:DG7GMGF0STC1";
/// An order with it always fails.
pub(super) const UNOBTAINABLE: &str = "DZH318Z0BQFL:0001:DZH318Z0BFL1";
