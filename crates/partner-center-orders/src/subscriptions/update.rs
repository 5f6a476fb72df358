use partner_center_orders_api::Operation;
use partner_center_orders_api::runtime::Success;
use partner_center_orders_api::types::{Subscription, SubscriptionPatch};
use uuid::Uuid;

use super::AcceptedChange;
use super::get::read;
use super::shown::{Shown, shown};
use crate::call::{Call, Id, Session, sealed};
use crate::orders::quoted;
use crate::resume::{Resumable, Step, found_nothing, may_resend, step, undetermined};
use crate::{Error, Response};

/// Changes a subscription: see [`Subscriptions::update`](super::Subscriptions::update).
#[derive(Clone, Debug)]
pub struct UpdateSubscription {
    customer: Uuid,
    subscription_id: String,
    patch: SubscriptionPatch,
    if_match: Option<String>,
}

impl UpdateSubscription {
    pub(super) fn new(customer: Uuid, subscription_id: String, patch: SubscriptionPatch) -> Self {
        Self { customer, subscription_id, patch, if_match: None }
    }
}

impl Call<UpdateSubscription> {
    /// Changes the subscription only if its `ETag` still is this one, which `attributes.etag` holds.
    pub fn if_match(self, etag: impl Into<String>) -> Self {
        self.with(|request| request.if_match = Some(quoted(etag.into())))
    }
}

impl Resumable for UpdateSubscription {}

impl sealed::Request for UpdateSubscription {
    type Output = Success<Subscription, AcceptedChange>;

    async fn run(self, session: Session) -> Result<Response<Self::Output>, Error> {
        let Self { customer, subscription_id, patch, if_match } = self;
        if let Step::Look = step(&session).await {
            let subscription = read(&session, Id::Own, customer, &subscription_id).await?;
            let found = match shown(&subscription, &patch) {
                Shown::Change => return Ok(subscription.map(Success::Done)),
                Shown::NoChange => {
                    let message = "the subscription doesn't show this change";
                    found_nothing(&session, Operation::UpdateSubscription, message)
                }
                Shown::Nothing => {
                    let message = "the subscription doesn't show whether this change took place: read it and decide";
                    undetermined(&session, Operation::UpdateSubscription, message)
                }
            };
            if !may_resend(&session) {
                return Err(found);
            }
        }
        let (id, sent) = (subscription_id.clone(), patch.clone());
        let success = session
            .call(Operation::UpdateSubscription, |client| async move {
                let mut call = client.update_subscription(customer, id, sent);
                if let Some(etag) = if_match {
                    call = call.if_match(etag);
                }
                call.send().await
            })
            .await?;
        Ok(success
            .map(|success| success.map_accepted(|accepted| AcceptedChange::new(subscription_id, patch, accepted))))
    }
}
