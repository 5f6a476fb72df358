//! Where the requests of generated clients enter the layers.

use std::sync::Arc;

use partner_center_orders_api::runtime::{BodyKind, CallOptions, OperationInfo, Transport, TransportFuture};

use super::call_state::{CallState, Progress};
use super::deadline::Deadline;
use super::headers::Ids;
use super::ids;
use super::shared::Shared;
use crate::age::Age;

impl CallState {
    /// Sends a request of this operation through all layers.
    pub(crate) fn send_request(&self, request: reqwest::Request, body: BodyKind) -> TransportFuture<'_> {
        Box::pin(ids::send(self, request, body))
    }
}

/// The transport of a client that makes this one call. It ignores the options of the client, as the state was created from the
/// call's own.
impl Transport for CallState {
    fn send<'a>(
        &'a self,
        request: reqwest::Request,
        operation: OperationInfo,
        _: &'a CallOptions,
    ) -> TransportFuture<'a> {
        debug_assert_eq!(operation.operation, self.operation, "the state is another operation's");
        self.send_request(request, operation.body)
    }
}

/// The transport of a client that makes many calls: each gets a state of its own.
#[derive(Debug)]
pub(crate) struct StatePerCall(pub(crate) Arc<Shared>);

impl Transport for StatePerCall {
    fn send<'a>(
        &'a self,
        request: reqwest::Request,
        operation: OperationInfo,
        call: &'a CallOptions,
    ) -> TransportFuture<'a> {
        Box::pin(async move {
            let shared = &self.0;
            let state = CallState {
                shared: Arc::clone(shared),
                operation: operation.operation,
                ids: Ids::of(call, &*shared.random_source),
                locale: call.locale.clone(),
                deadline: Deadline::after(call.deadline.or(shared.deadline)),
                age: Age::zero(&*shared.clock),
                resumed_from: None,
                progress: Progress::default(),
            };
            ids::send(&state, request, operation.body).await
        })
    }
}
