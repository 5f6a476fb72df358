//! How changes of subscriptions are accepted.

use std::time::Duration;

use crate::settings::{Settings, SubscriptionChanges};

/// How a change is accepted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acceptance {
    /// Whether the response has a body: the subscription as it will be.
    pub(crate) with_body: bool,
    /// How long the change takes.
    pub(crate) takes: Duration,
}

impl Acceptance {
    /// Returns how the settings have changes accepted, unless they are made immediately.
    pub(crate) fn of(settings: &Settings) -> Option<Self> {
        let with_body = match settings.subscription_changes {
            SubscriptionChanges::Immediate => return None,
            SubscriptionChanges::Accepted => false,
            SubscriptionChanges::AcceptedWithBody => true,
        };
        Some(Self { with_body, takes: settings.accepted_change_time })
    }
}
