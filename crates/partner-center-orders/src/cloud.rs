//! National clouds: the addresses of API and authority.

use std::net::IpAddr;

use url::{Host, Url};

const GLOBAL_API: &str = "https://api.partnercenter.microsoft.com";

/// A cloud: the API's base address, the authority that issues tokens, and the resource that they are for.
///
/// Tokens of one cloud are not valid in another (documented).
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
    /// The global cloud: `api.partnercenter.microsoft.com`, with the authority `login.microsoftonline.com`.
    pub fn global() -> Self {
        Self::known(GLOBAL_API, "https://login.microsoftonline.com")
    }

    /// US Government: the global API, with the authority `login.microsoftonline.us`.
    ///
    /// Office 365 subscriptions are not available there, and a customer has one partner (documented).
    pub fn us_government() -> Self {
        Self::known(GLOBAL_API, "https://login.microsoftonline.us")
    }

    /// China, run by 21Vianet: `partner.partnercenterapi.microsoftonline.cn`.
    ///
    /// The authority is the one that newer sources name, `login.partner.microsoftonline.cn`; in 2021 it was
    /// `login.chinacloudapi.cn`, which can be set with [`Cloud::custom`].
    pub fn china() -> Self {
        Self::known("https://partner.partnercenterapi.microsoftonline.cn", "https://login.partner.microsoftonline.cn")
    }

    /// A custom cloud: a gateway in front of the service, or an emulator.
    ///
    /// `base_url` includes the API's version (`https://host/v1`), `authority` issues tokens
    /// (`https://login.microsoftonline.com`), `resource` is what tokens are requested for
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
    /// When an address is invalid, or would send tokens and secrets unencrypted: plain http is allowed to loopback only.
    pub fn custom(base_url: &str, authority: &str, resource: impl Into<String>) -> Result<Self, InvalidAddress> {
        Ok(Self { base_url: safe_address(base_url)?, authority: safe_address(authority)?, resource: resource.into() })
    }

    /// Sets the API's base address, which includes the version (`https://host/v1`).
    ///
    /// # Errors
    ///
    /// As for [`Cloud::custom`].
    pub fn with_base_url(mut self, base_url: &str) -> Result<Self, InvalidAddress> {
        self.base_url = safe_address(base_url)?;
        Ok(self)
    }

    /// Sets the authority, which issues tokens.
    ///
    /// # Errors
    ///
    /// As for [`Cloud::custom`].
    pub fn with_authority(mut self, authority: &str) -> Result<Self, InvalidAddress> {
        self.authority = safe_address(authority)?;
        Ok(self)
    }

    /// The API's base address, which includes its version.
    pub fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// The authority, which issues tokens.
    pub fn authority(&self) -> &Url {
        &self.authority
    }

    /// The resource that tokens are requested for.
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

/// An address that tokens and secrets must not be sent to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}: use an address like https://api.partnercenter.microsoft.com/v1")]
pub struct InvalidAddress {
    problem: String,
}

/// An address that may carry secrets, without a slash at the end of its path.
fn safe_address(text: &str) -> Result<Url, InvalidAddress> {
    let invalid = |problem: &str| InvalidAddress { problem: problem.to_owned() };
    let mut url = Url::parse(text).map_err(|error| InvalidAddress { problem: format!("invalid address ({error})") })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("the address has a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("the address has a query or fragment"));
    }
    if !may_carry_secrets(&url) {
        return Err(invalid("the address is not https, and plain http is allowed to loopback only"));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// Whether requests to the address can't be read on the way.
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
