//! Settings from environment variables.

use crate::builder::{BuildError, PartnerCenterBuilder};
use crate::cloud::Cloud;
use crate::identity::{ClientSecret, RefreshToken, StaticToken, TokenEndpoint};
use crate::partner_center::PartnerCenter;

const TOKEN: &str = "PARTNER_CENTER_TOKEN";
const TENANT_ID: &str = "PARTNER_CENTER_TENANT_ID";
const CLIENT_ID: &str = "PARTNER_CENTER_CLIENT_ID";
const CLIENT_SECRET: &str = "PARTNER_CENTER_CLIENT_SECRET";
const REFRESH_TOKEN: &str = "PARTNER_CENTER_REFRESH_TOKEN";
const TOKEN_ENDPOINT: &str = "PARTNER_CENTER_TOKEN_ENDPOINT";
const CLOUD: &str = "PARTNER_CENTER_CLOUD";
const BASE_URL: &str = "PARTNER_CENTER_BASE_URL";
const AUTHORITY: &str = "PARTNER_CENTER_AUTHORITY";
const LOCALE: &str = "PARTNER_CENTER_LOCALE";

impl PartnerCenter {
    /// A client by the environment's variables: see [`PartnerCenterBuilder::from_env`].
    ///
    /// # Errors
    ///
    /// When a variable is missing or can't be right.
    pub fn from_env() -> Result<Self, BuildError> {
        PartnerCenterBuilder::from_env()?.build()
    }
}

impl PartnerCenterBuilder {
    /// Reads settings from environment variables; empty ones count as missing.
    ///
    /// | variable | value |
    /// |---|---|
    /// | `PARTNER_CENTER_TOKEN` | an access token from another source; other credentials are ignored then |
    /// | `PARTNER_CENTER_TENANT_ID` | the partner's tenant: its id or domain |
    /// | `PARTNER_CENTER_CLIENT_ID` | the id of the app registration |
    /// | `PARTNER_CENTER_CLIENT_SECRET` | the app's secret; with a refresh token it may be missing |
    /// | `PARTNER_CENTER_REFRESH_TOKEN` | a user's refresh token: authenticates app and user in place of the app alone |
    /// | `PARTNER_CENTER_TOKEN_ENDPOINT` | `v2` (the default) or `v1` |
    /// | `PARTNER_CENTER_CLOUD` | `global` (the default), `us-government` or `china` |
    /// | `PARTNER_CENTER_BASE_URL` | the API's address, which includes its version, in place of the cloud's |
    /// | `PARTNER_CENTER_AUTHORITY` | the authority's address in place of the cloud's |
    /// | `PARTNER_CENTER_LOCALE` | the language of texts in responses |
    ///
    /// # Errors
    ///
    /// When a variable is missing or invalid.
    pub fn from_env() -> Result<Self, BuildError> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    /// As [`from_env`](Self::from_env), with variables from another source.
    ///
    /// ```
    /// use partner_center_orders::{BuildError, PartnerCenterBuilder};
    ///
    /// let variables = |name: &str| match name {
    ///     "PARTNER_CENTER_TENANT_ID" => Some("contoso.onmicrosoft.com".to_owned()),
    ///     "PARTNER_CENTER_CLIENT_ID" => Some("14a7…".to_owned()),
    ///     _ => None,
    /// };
    /// let error = PartnerCenterBuilder::from_variables(variables).unwrap_err();
    /// assert!(matches!(error, BuildError::MissingVariable("PARTNER_CENTER_CLIENT_SECRET")));
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`from_env`](Self::from_env).
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, BuildError> {
        let optional = |name: &str| variable(name).filter(|value| !value.is_empty());
        let required = |name: &'static str| optional(name).ok_or(BuildError::MissingVariable(name));

        let mut builder = Self::default().cloud(match optional(CLOUD).as_deref() {
            None | Some("global") => Cloud::global(),
            Some("us-government") => Cloud::us_government(),
            Some("china") => Cloud::china(),
            Some(_) => {
                let allowed = "global, us-government, china";
                return Err(BuildError::InvalidVariable { name: CLOUD, allowed });
            }
        });
        let endpoint = match optional(TOKEN_ENDPOINT).as_deref() {
            None | Some("v2") => TokenEndpoint::V2,
            Some("v1") => TokenEndpoint::V1,
            Some(_) => return Err(BuildError::InvalidVariable { name: TOKEN_ENDPOINT, allowed: "v1, v2" }),
        };
        if let Some(token) = optional(TOKEN) {
            builder = builder.credential(StaticToken::new(token));
            if let Some(tenant) = optional(TENANT_ID) {
                builder = builder.partner_tenant(tenant);
            }
        } else if let Some(refresh_token) = optional(REFRESH_TOKEN) {
            let mut credential = RefreshToken::new(required(TENANT_ID)?, required(CLIENT_ID)?, refresh_token);
            if let Some(secret) = optional(CLIENT_SECRET) {
                credential = credential.client_secret(secret);
            }
            builder = builder.credential(credential.endpoint(endpoint));
        } else {
            let (tenant, client_id) = (required(TENANT_ID)?, required(CLIENT_ID)?);
            builder =
                builder.credential(ClientSecret::new(tenant, client_id, required(CLIENT_SECRET)?).endpoint(endpoint));
        }
        if let Some(base_url) = optional(BASE_URL) {
            builder = builder.base_url(base_url);
        }
        if let Some(authority) = optional(AUTHORITY) {
            builder = builder.authority(authority);
        }
        if let Some(locale) = optional(LOCALE) {
            builder = builder.locale(locale);
        }
        Ok(builder)
    }
}
