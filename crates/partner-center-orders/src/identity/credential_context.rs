use std::sync::Arc;
use std::time::SystemTime;

use url::Url;

use super::{CredentialError, CredentialErrorKind};
use crate::clock::{Clock, RandomSource};
use crate::cloud::Cloud;
use crate::send::SendRequest;

/// What a credential signs in with: the cloud, the way to the network, time and chance.
///
/// [`PartnerCenter`](crate::PartnerCenter) makes it; a credential of your own may use as much of it as it likes.
#[derive(Clone, Debug)]
pub struct CredentialContext {
    pub(crate) cloud: Cloud,
    pub(crate) send: Arc<dyn SendRequest>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random_source: Arc<dyn RandomSource>,
    /// The longest token, in bytes.
    pub(crate) token_limit: usize,
}

impl CredentialContext {
    /// The cloud: who signs tokens, and for what.
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// The scope of a token for everything that was consented to: `https://api.partnercenter.microsoft.com/.default`.
    pub fn default_scope(&self) -> String {
        default_scope(&self.cloud)
    }

    /// The way to the network.
    pub fn send(&self) -> &dyn SendRequest {
        &*self.send
    }

    /// The time now.
    pub fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// An address of that tenant's sign-in.
    pub(super) fn tenant_url(&self, tenant: &str, endpoint: TokenEndpoint, what: &str) -> Result<Url, CredentialError> {
        tenant_url(&self.cloud, tenant, endpoint, what)
    }
}

/// The scope of everything that was consented to.
pub(super) fn default_scope(cloud: &Cloud) -> String {
    format!("{}/.default", cloud.resource().trim_end_matches('/'))
}

/// An address of that tenant's sign-in.
pub(super) fn tenant_url(
    cloud: &Cloud,
    tenant: &str,
    endpoint: TokenEndpoint,
    what: &str,
) -> Result<Url, CredentialError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if tenant.is_empty() || tenant.starts_with('.') || !tenant.bytes().all(plain) {
        let what = "the tenant is neither an id nor a domain";
        return Err(CredentialError::new(CredentialErrorKind::Configuration, what));
    }
    let mut url = cloud.authority().clone();
    let path = format!("{}/{tenant}/{}/{what}", url.path().trim_end_matches('/'), endpoint.path());
    url.set_path(&path);
    Ok(url)
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
