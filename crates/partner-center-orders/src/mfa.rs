//! Whether calls meet the rule on multi-factor authentication.

use partner_center_orders_api::Operation;
use partner_center_orders_api::runtime::Extra;
use uuid::Uuid;

use crate::call::{Call, Id, Session, sealed};
use crate::customer::Customer;
use crate::{Error, Response};

/// The name of the header, or of the member of the body: no source says which.
const IS_MFA_COMPLIANT: &str = "isMfaCompliant";

/// Whether a call met the rule on multi-factor authentication, as the service reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MfaCompliance {
    /// It did.
    Compliant,
    /// It didn't: as soon as the service checks the call, it is rejected with 900421.
    NotCompliant,
    /// The service didn't report it, or not in a form that is known.
    NotReported,
}

impl Customer {
    /// Asks the service whether this client's calls meet the rule on multi-factor authentication, before it enforces that. The
    /// rule is for apps with a user; since 2026-06, the service enforces it for a growing share of the calls.
    ///
    /// The customer's orders are read with the header `ValidateMfa`, which third parties describe; Microsoft's pages don't. A
    /// call that is rejected already fails as [`is_mfa_required`](Error::is_mfa_required).
    ///
    /// ```
    /// # use partner_center_orders::{Error, MfaCompliance, PartnerCenter};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let must_sign_in = match partner.customer(customer_id).check_mfa().await {
    ///     Ok(compliance) => *compliance == MfaCompliance::NotCompliant,
    ///     Err(error) if error.is_mfa_required() => true,
    ///     Err(error) => return Err(error),
    /// };
    /// # Ok(()) }
    /// ```
    pub fn check_mfa(&self) -> Call<CheckMfa> {
        self.call(|customer| CheckMfa { customer })
    }
}

/// Asks whether calls meet the rule on multi-factor authentication: see [`Customer::check_mfa`].
#[derive(Clone, Debug)]
pub struct CheckMfa {
    customer: Uuid,
}

impl sealed::Request for CheckMfa {
    type Output = MfaCompliance;

    fn name(&self) -> Option<&'static str> {
        Some("check_mfa")
    }

    async fn run(self, session: Session) -> Result<Response<MfaCompliance>, Error> {
        let state = session.begin(Id::Calls, Operation::ListOrders);
        let mut of_header = None;
        let orders = state
            .call(|client| {
                let of_header = &mut of_header;
                async move {
                    let response = client.list_orders(self.customer).validate_mfa(true).send().await?;
                    *of_header = response.headers().get(IS_MFA_COMPLIANT).map(|value| compliance(value.as_bytes()));
                    Ok(response)
                }
            })
            .await?;
        Ok(orders.map(|orders| of_header.or_else(|| of_body(&orders.extra)).unwrap_or(MfaCompliance::NotReported)))
    }
}

fn of_body(members: &Extra) -> Option<MfaCompliance> {
    let value = members.get(IS_MFA_COMPLIANT)?.to_string();
    Some(compliance(value.trim_matches('"').as_bytes()))
}

fn compliance(value: &[u8]) -> MfaCompliance {
    if value.eq_ignore_ascii_case(b"true") {
        MfaCompliance::Compliant
    } else if value.eq_ignore_ascii_case(b"false") {
        MfaCompliance::NotCompliant
    } else {
        MfaCompliance::NotReported
    }
}
