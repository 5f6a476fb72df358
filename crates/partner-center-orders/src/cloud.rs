//! Which Partner Center is spoken to, and who signs its tokens.

use std::net::IpAddr;

use url::{Host, Url};

const GLOBAL_API: &str = "https://api.partnercenter.microsoft.com";

/// A cloud: where the API is, where tokens come from, and what they are for.
///
/// Tokens of one cloud are worth nothing in another (documented).
///
/// ```
/// use partner_center_orders::Cloud;
///
/// let cloud = Cloud::us_government();
/// assert_eq!(cloud.base_url().as_str(), "https://api.partnercenter.microsoft.com/v1");
/// assert_eq!(cloud.authority().as_str(), "https://login.microsoftonline.us/");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloud {
    base_url: Url,
    authority: Url,
    resource: String,
}

impl Cloud {
    /// The global cloud: `api.partnercenter.microsoft.com`, signed in at `login.microsoftonline.com`.
    pub fn global() -> Self {
        Self::known(GLOBAL_API, "https://login.microsoftonline.com")
    }

    /// US Government: the global API, signed in at `login.microsoftonline.us`.
    ///
    /// Office 365 subscriptions are not available there, and a customer has one partner (documented).
    pub fn us_government() -> Self {
        Self::known(GLOBAL_API, "https://login.microsoftonline.us")
    }

    /// China, run by 21Vianet: `partner.partnercenterapi.microsoftonline.cn`.
    ///
    /// The sign-in host is the one that newer sources name, `login.partner.microsoftonline.cn`; in 2021 it was
    /// `login.chinacloudapi.cn`, which [`Cloud::custom`] can be given.
    pub fn china() -> Self {
        Self::known("https://partner.partnercenterapi.microsoftonline.cn", "https://login.partner.microsoftonline.cn")
    }

    /// A cloud of your own description: a proxy in front of the service, or a stand-in for it.
    ///
    /// `base_url` goes down to the API's version (`https://host/v1`), `authority` is the sign-in host
    /// (`https://login.microsoftonline.com`), `resource` is what tokens are asked for
    /// (`https://api.partnercenter.microsoft.com`).
    ///
    /// ```
    /// use partner_center_orders::Cloud;
    ///
    /// let resource = "https://api.partnercenter.microsoft.com";
    /// assert!(Cloud::custom("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080", resource).is_ok());
    /// assert!(Cloud::custom("http://example.com/v1", "https://example.com", resource).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// When an address is none, or would carry tokens and secrets in the open: plain http goes to loopback only.
    pub fn custom(base_url: &str, authority: &str, resource: impl Into<String>) -> Result<Self, InvalidAddress> {
        Ok(Self { base_url: safe_address(base_url)?, authority: safe_address(authority)?, resource: resource.into() })
    }

    /// The same cloud with its API at another address, which goes down to the version (`https://host/v1`).
    ///
    /// # Errors
    ///
    /// As for [`Cloud::custom`].
    pub fn with_base_url(mut self, base_url: &str) -> Result<Self, InvalidAddress> {
        self.base_url = safe_address(base_url)?;
        Ok(self)
    }

    /// The same cloud with another sign-in host.
    ///
    /// # Errors
    ///
    /// As for [`Cloud::custom`].
    pub fn with_authority(mut self, authority: &str) -> Result<Self, InvalidAddress> {
        self.authority = safe_address(authority)?;
        Ok(self)
    }

    /// Where the API is, down to its version.
    pub fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// Where tokens come from.
    pub fn authority(&self) -> &Url {
        &self.authority
    }

    /// What tokens are asked for.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    fn known(api: &str, authority: &str) -> Self {
        #[expect(clippy::expect_used, reason = "constants of this file")]
        let parse = |text: &str| Url::parse(text).expect("an address");
        Self { base_url: parse(&format!("{api}/v1")), authority: parse(authority), resource: api.to_owned() }
    }
}

impl Default for Cloud {
    /// The global cloud.
    fn default() -> Self {
        Self::global()
    }
}

/// An address that no token or secret is sent to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: give an address like https://api.partnercenter.microsoft.com/v1")]
pub struct InvalidAddress {
    what: String,
}

/// An address that may carry secrets, without a slash at the end of its path.
fn safe_address(text: &str) -> Result<Url, InvalidAddress> {
    let refused = |what: &str| InvalidAddress { what: what.to_owned() };
    let mut url =
        Url::parse(text).map_err(|error| InvalidAddress { what: format!("the address is unreadable ({error})") })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("the address holds a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("the address holds a query or fragment"));
    }
    if !may_carry_secrets(&url) {
        return Err(refused("the address is not https, and plain http goes to loopback only"));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// Whether nobody on the way can read along.
pub(crate) fn may_carry_secrets(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => match url.host() {
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
            None => false,
        },
        _ => false,
    }
}
