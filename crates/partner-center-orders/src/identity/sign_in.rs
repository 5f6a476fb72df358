use std::sync::Arc;
use std::time::SystemTime;

use url::Url;

use super::{CredentialError, CredentialErrorKind};
use crate::clock::{Clock, Randomness};
use crate::cloud::Cloud;
use crate::transport::SendRequest;

/// What a credential signs in with: the cloud, the way to the network, time and chance.
///
/// [`PartnerCenter`](crate::PartnerCenter) makes it; a credential of your own may use as much of it as it likes.
#[derive(Clone, Debug)]
pub struct SignIn {
    pub(crate) cloud: Cloud,
    pub(crate) send: Arc<dyn SendRequest>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Arc<dyn Randomness>,
}

impl SignIn {
    /// The cloud: who signs tokens, and for what.
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// The scope of a token for everything that was consented to: `https://api.partnercenter.microsoft.com/.default`.
    pub fn default_scope(&self) -> String {
        format!("{}/.default", self.cloud.resource().trim_end_matches('/'))
    }

    /// The way to the network.
    pub fn send(&self) -> &dyn SendRequest {
        &*self.send
    }

    /// The time now.
    pub fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// Where tokens of that tenant come from.
    pub(super) fn token_url(&self, tenant: &str, endpoint: TokenEndpoint) -> Result<Url, CredentialError> {
        self.tenant_url(tenant, endpoint, "token")
    }

    /// An address of that tenant's sign-in.
    pub(super) fn tenant_url(
        &self,
        tenant: &str,
        endpoint: TokenEndpoint,
        what: &str,
    ) -> Result<Url, CredentialError> {
        if tenant.is_empty() || !tenant.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)) {
            return Err(CredentialError::new(CredentialErrorKind::Configuration, "the tenant is neither an id nor a domain"));
        }
        let mut url = self.cloud.authority().clone();
        let path = format!("{}/{tenant}/{}/{what}", url.path().trim_end_matches('/'), endpoint.path());
        url.set_path(&path);
        Ok(url)
    }
}

/// Which of the sign-in service's two endpoints is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TokenEndpoint {
    /// `oauth2/v2.0/token`, asked for a scope. In production use in 2026 (recorded).
    #[default]
    V2,
    /// `oauth2/token`, asked for a resource: what the service's documentation shows. Its answers hold numbers as text.
    V1,
}

impl TokenEndpoint {
    fn path(self) -> &'static str {
        match self {
            Self::V2 => "oauth2/v2.0",
            Self::V1 => "oauth2",
        }
    }
}
