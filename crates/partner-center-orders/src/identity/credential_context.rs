use std::sync::Arc;
use std::time::SystemTime;

use url::Url;

use super::{CredentialError, CredentialErrorKind};
use crate::clock::{Clock, RandomSource};
use crate::cloud::Cloud;
use crate::send::SendRequest;

/// The environment of a credential: the cloud, the HTTP transport, clock and random source.
///
/// [`PartnerCenter`](crate::PartnerCenter) creates it; a credential of your own uses what it needs of it.
#[derive(Clone, Debug)]
pub struct CredentialContext {
    pub(crate) cloud: Cloud,
    pub(crate) send: Arc<dyn SendRequest>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random_source: Arc<dyn RandomSource>,
    /// The maximum length of a token, in bytes.
    pub(crate) token_limit: usize,
}

impl CredentialContext {
    /// The cloud: its authority and its resource.
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// The scope of all permissions that were consented to: `https://api.partnercenter.microsoft.com/.default`.
    pub fn default_scope(&self) -> String {
        default_scope(&self.cloud)
    }

    /// The HTTP transport.
    pub fn send(&self) -> &dyn SendRequest {
        &*self.send
    }

    /// The current time.
    pub fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// The address of an endpoint of that tenant.
    pub(super) fn tenant_url(&self, tenant: &str, endpoint: TokenEndpoint, name: &str) -> Result<Url, CredentialError> {
        tenant_url(&self.cloud, tenant, endpoint, name)
    }
}

/// The scope of all permissions that were consented to.
pub(super) fn default_scope(cloud: &Cloud) -> String {
    format!("{}/.default", cloud.resource().trim_end_matches('/'))
}

/// The address of an endpoint of that tenant.
pub(super) fn tenant_url(
    cloud: &Cloud,
    tenant: &str,
    endpoint: TokenEndpoint,
    name: &str,
) -> Result<Url, CredentialError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if tenant.is_empty() || tenant.starts_with('.') || !tenant.bytes().all(plain) {
        let message = "the tenant is neither an id nor a domain";
        return Err(CredentialError::new(CredentialErrorKind::Configuration, message));
    }
    let mut url = cloud.authority().clone();
    let path = format!("{}/{tenant}/{}/{name}", url.path().trim_end_matches('/'), endpoint.path());
    url.set_path(&path);
    Ok(url)
}

/// The version of the token endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TokenEndpoint {
    /// `oauth2/v2.0/token`, which takes a scope. In production use in 2026 (recorded).
    #[default]
    V2,
    /// `oauth2/token`, which takes a resource, as in the service's documentation. Its responses have numbers as text.
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
