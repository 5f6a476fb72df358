//! Collections, read as a whole or as a stream.

mod elements;
mod stream;

use partner_center_orders_api::runtime::{ByteStream, Error as ApiError, Payload, ResponseValue};
use partner_center_orders_api::types::{
    CollectionLinks, Fault, Link, Order, OrderAttachment, OrderAttachmentCollection, OrderCollection,
    OrderLineItemActivationLink, OrderLineItemActivationLinkCollection, OrderLineItemProvisioningStatus,
    OrderLineItemProvisioningStatusCollection, Subscription, SubscriptionCollection,
};
use partner_center_orders_api::{Client, Operation};

pub use self::stream::ListStream;
use crate::call::{Call, Id, Session, sealed};
use crate::link;
use crate::{Error, ErrorKind, Response};

/// The maximum number of parts of a list, for a service that links in a circle. Our choice.
const MAX_PARTS: usize = 10_000;

/// The result of a generated call.
pub(crate) type ApiResult<T> = Result<ResponseValue<T>, ApiError<Fault>>;

/// A request that reads a collection.
///
/// Implemented by the list types of [`requests`](crate::requests); nothing else can implement it.
pub trait ListRequest: sealed::Request + Clone + Sync {
    /// The collection on the wire.
    #[doc(hidden)]
    type Collection: Collection;
    /// The type of an element for the caller.
    type Item: From<<Self::Collection as Collection>::Element> + Send + 'static;
    /// The operation.
    #[doc(hidden)]
    const OPERATION: Operation;

    /// The part to start with, if not the first.
    #[doc(hidden)]
    fn start(&mut self) -> &mut Option<Link>;

    /// Reads the collection as a whole.
    #[doc(hidden)]
    fn whole(self, client: Client) -> impl Future<Output = ApiResult<Self::Collection>> + Send;

    /// Reads the collection as a stream.
    #[doc(hidden)]
    fn streamed(self, client: Client) -> impl Future<Output = ApiResult<ByteStream>> + Send;
}

/// A collection on the wire.
pub trait Collection: Payload + Send + 'static {
    /// The type of its elements.
    type Element: Payload + Send + 'static;

    /// Splits it into its elements and the rest.
    fn take_apart(self) -> (Vec<Self::Element>, Rest);
}

/// The members of a collection other than its elements.
#[derive(Debug, Default)]
pub struct Rest {
    pub(crate) next: Option<Link>,
    pub(crate) total_count: Option<i32>,
}

macro_rules! collections {
    ($($collection:ident of $element:ident),* $(,)?) => {$(
        impl Collection for $collection {
            type Element = $element;

            fn take_apart(self) -> (Vec<$element>, Rest) {
                let next = self.links.and_then(|links: CollectionLinks| links.next);
                (self.items, Rest { next, total_count: self.total_count })
            }
        }
    )*};
}

collections! {
    OrderCollection of Order,
    SubscriptionCollection of Subscription,
    OrderAttachmentCollection of OrderAttachment,
    OrderLineItemActivationLinkCollection of OrderLineItemActivationLink,
    OrderLineItemProvisioningStatusCollection of OrderLineItemProvisioningStatus,
}

impl<L: ListRequest> Call<L> {
    /// Reads the list element by element, in memory that doesn't grow with the list.
    ///
    /// The call's deadline applies until a part begins to arrive, restarts included; from then on the stream fails if nothing
    /// arrives for as long as one attempt may take. The requests for all parts have the same correlation id.
    ///
    /// ```
    /// # use partner_center_orders::{Error, PartnerCenter};
    /// # async fn example(partner: PartnerCenter, customer_id: uuid::Uuid) -> Result<(), Error> {
    /// let mut orders = partner.customer(customer_id).orders().list().stream();
    /// while let Some(order) = orders.next().await {
    ///     println!("{}", order?.id);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn stream(self) -> ListStream<L::Item> {
        ListStream::new(self)
    }

    /// Starts with a later part, by the [link](ListStream::resume_link) of a stream that ended there.
    pub fn starting_at(self, link: Link) -> Self {
        self.with(|request| *request.start() = Some(link))
    }
}

/// Reads a collection as a whole, and follows `links.next`.
///
/// The request for the first part has that id.
pub(crate) async fn read_all<L: ListRequest>(
    mut request: L,
    session: &Session,
    id: Id,
) -> Result<Response<Vec<L::Item>>, Error> {
    let first = match request.start().take() {
        Some(link) => part::<L>(session, &link, id).await?,
        None => session.begin(id, L::OPERATION).call(|client| request.whole(client)).await?,
    };
    let mut next = None;
    let first = first.map(|collection| {
        let (items, rest) = collection.take_apart();
        next = rest.next;
        items
    });
    let mut further = Vec::new();
    let mut parts = 1;
    while let Some(link) = next {
        parts += 1;
        if parts > MAX_PARTS {
            return Err(Error::own(ErrorKind::Other, "the list links to further parts without end"));
        }
        let (items, rest) = part::<L>(session, &link, Id::Own).await?.into_inner().take_apart();
        further.extend(items);
        next = rest.next;
    }
    Ok(first.map(|items| items.into_iter().chain(further).map(L::Item::from).collect()))
}

/// Reads one part of a collection by its link.
async fn part<L: ListRequest>(session: &Session, link: &Link, id: Id) -> Result<Response<L::Collection>, Error> {
    link::read(&session.begin(id, L::OPERATION), link).await
}

/// Implements `Request` for a list request.
macro_rules! list_is_request {
    ($request:ty) => {
        impl $crate::call::sealed::Request for $request {
            type Output = Vec<<Self as $crate::list::ListRequest>::Item>;

            async fn run(
                self,
                session: $crate::call::Session,
            ) -> Result<$crate::Response<Self::Output>, $crate::Error> {
                $crate::list::read_all(self, &session, $crate::call::Id::Calls).await
            }
        }
    };
}

/// Declares a request without options that reads a collection: the parameters of its path, the type of its elements, and the
/// generated calls that read it as a whole and as a stream.
macro_rules! list_request {
    (
        $(#[$about:meta])*
        $name:ident { $($field:ident: $type:ty),+ },
        $operation:ident: $collection:ident as $item:ty,
        $call:ident
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug)]
        pub struct $name {
            customer: ::uuid::Uuid,
            $($field: $type,)+
            start: Option<::partner_center_orders_api::types::Link>,
        }

        impl $name {
            pub(crate) fn new(customer: ::uuid::Uuid, $($field: $type),+) -> Self {
                Self { customer, $($field,)+ start: None }
            }
        }

        impl $crate::list::ListRequest for $name {
            type Collection = ::partner_center_orders_api::types::$collection;
            type Item = $item;
            const OPERATION: ::partner_center_orders_api::Operation = ::partner_center_orders_api::Operation::$operation;

            fn start(&mut self) -> &mut Option<::partner_center_orders_api::types::Link> {
                &mut self.start
            }

            async fn whole(
                self,
                client: ::partner_center_orders_api::Client,
            ) -> $crate::list::ApiResult<::partner_center_orders_api::types::$collection> {
                client.$call(self.customer, $(self.$field),+).send().await
            }

            async fn streamed(
                self,
                client: ::partner_center_orders_api::Client,
            ) -> $crate::list::ApiResult<::partner_center_orders_api::runtime::ByteStream> {
                client.$call(self.customer, $(self.$field),+).stream().await
            }
        }

        $crate::list::list_is_request!($name);
    };
}

pub(crate) use {list_is_request, list_request};
