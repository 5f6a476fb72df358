//! The addresses of the API.

use http::Method;

use crate::wire::path;

/// The callers that an operation is open to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Applications, with or without a user.
    Any,
    /// Applications with a user only.
    User,
}

/// Declares the operations of the API with id, method, path (below `/v1`) and access.
macro_rules! operations {
    ($($name:ident = $id:literal $method:ident $path:literal $access:ident,)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Operation { $($name),+ }

        impl Operation {
            const ALL: &[Self] = &[$(Self::$name),+];

            /// Returns the operation's id: that of the contract, if the operation is part of it.
            pub(crate) fn id(self) -> &'static str {
                match self { $(Self::$name => $id),+ }
            }

            pub(crate) fn method(self) -> Method {
                match self { $(Self::$name => Method::$method),+ }
            }

            /// Returns the path below `/v1`, with parameters as names in braces.
            pub(crate) fn path(self) -> &'static str {
                match self { $(Self::$name => $path),+ }
            }

            fn declared_access(self) -> Access {
                match self { $(Self::$name => Access::$access),+ }
            }
        }
    };
}

operations! {
    ListOrders = "list_orders" GET "/customers/{customer_id}/orders" Any,
    CreateOrder = "create_order" POST "/customers/{customer_id}/orders" Any,
    GetOrder = "get_order" GET "/customers/{customer_id}/orders/{order_id}" Any,
    UpdateOrder = "update_order" PATCH "/customers/{customer_id}/orders/{order_id}" Any,
    GetOrderProvisioningStatus = "get_order_provisioning_status" GET "/customers/{customer_id}/orders/{order_id}/provisioningstatus" User,
    ListOrderActivationLinks = "list_order_activation_links" GET "/customers/{customer_id}/orders/{order_id}/activationlinks" Any,
    ListLineItemActivationLinks = "list_line_item_activation_links" GET "/customers/{customer_id}/orders/{order_id}/lineitems/{line_item_number}/activationlinks" Any,
    ListOrderAttachments = "list_order_attachments" GET "/customers/{customer_id}/orders/{order_id}/attachments" Any,
    UploadOrderAttachments = "upload_order_attachments" POST "/customers/{customer_id}/orders/{order_id}/attachment" Any,
    DownloadOrderAttachment = "download_order_attachment" GET "/customers/{customer_id}/orders/{order_id}/attachment/{attachment_id}" Any,
    CreateCart = "create_cart" POST "/customers/{customer_id}/carts" Any,
    GetCart = "get_cart" GET "/customers/{customer_id}/carts/{cart_id}" Any,
    UpdateCart = "update_cart" PUT "/customers/{customer_id}/carts/{cart_id}" Any,
    CheckoutCart = "checkout_cart" POST "/customers/{customer_id}/carts/{cart_id}/checkout" Any,
    ListSubscriptionsByOrder = "list_subscriptions_by_order" GET "/customers/{customer_id}/subscriptions" Any,
    GetSubscription = "get_subscription" GET "/customers/{customer_id}/subscriptions/{subscription_id}" Any,
    UpdateSubscription = "update_subscription" PATCH "/customers/{customer_id}/subscriptions/{subscription_id}" Any,
    GetSubscriptionProvisioningStatus = "get_subscription_provisioning_status" GET "/customers/{customer_id}/subscriptions/{subscription_id}/provisioningstatus" User,
    ListSubscriptionActivationLinks = "list_subscription_activation_links" GET "/customers/{customer_id}/subscriptions/{subscription_id}/activationlinks" Any,
    ActivateSandboxSubscription = "activate_sandbox_subscription" POST "/customers/{customer_id}/subscriptions/{subscription_id}/activate" Any,
    // Not in the contract: operations that reservations need, and targets of links in responses.
    RegisterSubscription = "register_subscription" POST "/customers/{customer_id}/subscriptions/{subscription_id}/registrations" Any,
    GetRegistrationStatus = "get_registration_status" GET "/customers/{customer_id}/subscriptions/{subscription_id}/registrationstatus" Any,
    ListCustomerSkus = "list_customer_skus" GET "/customers/{customer_id}/products/{product_id}/skus" Any,
    ListCustomerAvailabilities = "list_customer_availabilities" GET "/customers/{customer_id}/products/{product_id}/skus/{sku_id}/availabilities" Any,
    GetProduct = "get_product" GET "/products/{product_id}" Any,
    ListSkus = "list_skus" GET "/products/{product_id}/skus" Any,
    GetSku = "get_sku" GET "/products/{product_id}/skus/{sku_id}" Any,
    ListAvailabilities = "list_availabilities" GET "/products/{product_id}/skus/{sku_id}/availabilities" Any,
    GetAvailability = "get_availability" GET "/products/{product_id}/skus/{sku_id}/availabilities/{availability_id}" Any,
    GetOffer = "get_offer" GET "/offers/{offer_id}" Any,
    FindSubscription = "find_subscription" GET "/subscriptions" Any,
    FindSubscriptionProvisioningStatus = "find_subscription_provisioning_status" GET "/subscriptions/{subscription_id}/provisioningstatus" User,
}

impl Operation {
    /// Whether it changes the state, so that its request id matters.
    pub(crate) fn is_write(self) -> bool {
        self.method() != Method::GET
    }

    /// Whether it is part of the contract.
    pub(crate) fn is_in_contract(self) -> bool {
        (self as usize) < (Self::RegisterSubscription as usize)
    }

    pub(crate) fn is_upload(self) -> bool {
        self == Self::UploadOrderAttachments
    }

    /// Whether its response contains activation links, which are secrets.
    pub(crate) fn shows_activation_links(self) -> bool {
        matches!(
            self,
            Self::ListOrderActivationLinks | Self::ListLineItemActivationLinks | Self::ListSubscriptionActivationLinks
        )
    }

    pub(crate) fn access(self) -> Access {
        self.declared_access()
    }
}

/// The target of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// An operation, with the values of its path parameters in order.
    Operation(Operation, Vec<String>),
    /// An address that supports other methods.
    WrongMethod(Vec<Method>),
    /// An unknown address.
    NotFound,
}

/// Returns the target of an API request. Fixed segments are matched case-insensitively.
pub(crate) fn find(method: &Method, segments: &[String]) -> Route {
    let mut allowed = Vec::new();
    for operation in Operation::ALL {
        let Some(parameters) = matches(operation.path(), segments) else { continue };
        if operation.method() == *method {
            return Route::Operation(*operation, parameters);
        }
        allowed.push(operation.method());
    }
    if allowed.is_empty() { Route::NotFound } else { Route::WrongMethod(allowed) }
}

fn matches(template: &str, segments: &[String]) -> Option<Vec<String>> {
    let mut parameters = Vec::new();
    let mut given = segments.iter();
    for wanted in template.split('/').skip(1) {
        let segment = given.next()?;
        if wanted.starts_with('{') {
            if segment.is_empty() {
                return None;
            }
            parameters.push(segment.clone());
        } else if !segment.eq_ignore_ascii_case(wanted) {
            return None;
        }
    }
    given.next().is_none().then_some(parameters)
}

/// The part of the emulator that a path belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Area {
    /// The API, with the segments after `v1`.
    Api(Vec<String>),
    /// The control endpoint, with the segments after `control`.
    Control(Vec<String>),
    /// Everything else, such as the identity platform.
    Other(Vec<String>),
    /// The path is malformed.
    Malformed,
}

/// The first path segment of the control endpoint.
pub(crate) const CONTROL: &str = "control";

impl Area {
    pub(crate) fn of(path: &str) -> Self {
        let Some(segments) = path::segments(path) else { return Self::Malformed };
        match segments.split_first() {
            Some((first, rest)) if first.eq_ignore_ascii_case("v1") => Self::Api(rest.to_vec()),
            Some((first, rest)) if first == CONTROL => Self::Control(rest.to_vec()),
            _ => Self::Other(segments),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(method: &Method, path: &str) -> Route {
        match Area::of(path) {
            Area::Api(segments) => find(method, &segments),
            other => panic!("{path} is {other:?}"),
        }
    }

    #[test]
    fn operations_are_found_with_their_parameters() {
        assert_eq!(
            route(&Method::GET, "/v1/customers/c/orders/o%2Fo/"),
            Route::Operation(Operation::GetOrder, vec!["c".into(), "o/o".into()])
        );
        assert_eq!(
            route(&Method::POST, "/V1/Customers/c/Orders"),
            Route::Operation(Operation::CreateOrder, vec!["c".into()])
        );
    }

    #[test]
    fn a_wrong_method_returns_the_allowed_ones() {
        assert_eq!(
            route(&Method::DELETE, "/v1/customers/c/orders/o"),
            Route::WrongMethod(vec![Method::GET, Method::PATCH])
        );
    }

    #[test]
    fn empty_segments_are_not_found() {
        for path in
            ["/v1", "/v1/customers//orders", "/v1/customers/c/orders//provisioningstatus", "/v1/customers/c/orders/o/x"]
        {
            assert_eq!(route(&Method::GET, path), Route::NotFound, "{path}");
        }
    }

    #[test]
    fn the_contract_s_twenty_operations_come_first() {
        assert_eq!(Operation::ALL.iter().filter(|operation| operation.is_in_contract()).count(), 20);
    }
}
