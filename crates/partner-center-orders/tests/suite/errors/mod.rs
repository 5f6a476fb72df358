//! Errors: kinds, predicates, messages.

mod kinds;
mod messages;

use partner_center_orders::Error;

use crate::support::{CUSTOMER, FakeResponse, FakeService, client};

async fn error_of(response: FakeResponse) -> Error {
    let service = FakeService::script([response]);
    client(&service).customer(CUSTOMER).orders().get("o-1").await.unwrap_err()
}
