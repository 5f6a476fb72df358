//! One call over many customers.

use std::fmt;
use std::num::NonZeroUsize;

use futures_util::StreamExt;
use futures_util::stream;
use uuid::Uuid;

use crate::customer::Customer;
use crate::partner_center::PartnerCenter;
use crate::{Error, Response};

/// How many customers are worked on at once unless something else is said. Our choice.
const AT_ONCE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);

/// Many customers, for each of whom the same is done: see [`PartnerCenter::for_customers`].
#[derive(Clone)]
#[must_use = "nothing is done before `run`"]
pub struct ForCustomers {
    partner: PartnerCenter,
    customers: Vec<Uuid>,
    concurrency: NonZeroUsize,
}

/// What came of one customer.
#[derive(Debug)]
#[non_exhaustive]
pub struct CustomerResult<T> {
    /// The customer.
    pub customer_id: Uuid,
    /// What came of it.
    pub outcome: CustomerOutcome<T>,
}

/// What came of a call for one customer among many.
#[derive(Debug)]
pub enum CustomerOutcome<T> {
    /// It was done.
    Done(T),
    /// The partner has no relationship with the customer (20002), who may have left.
    Skipped,
    /// It failed for another reason.
    Failed(Error),
}

impl<T> CustomerResult<T> {
    /// What it gave, if it was done.
    pub fn done(self) -> Option<T> {
        match self.outcome {
            CustomerOutcome::Done(value) => Some(value),
            _ => None,
        }
    }

    /// Whether the customer was skipped.
    pub fn is_skipped(&self) -> bool {
        matches!(self.outcome, CustomerOutcome::Skipped)
    }
}

impl PartnerCenter {
    /// Does the same for many customers, a few of them at once, with one result for each.
    pub fn for_customers(&self, customer_ids: impl IntoIterator<Item = Uuid>) -> ForCustomers {
        let customers = customer_ids.into_iter().collect();
        ForCustomers { partner: self.clone(), customers, concurrency: AT_ONCE }
    }
}

impl ForCustomers {
    /// So many customers at once; by default 8. The shared pace holds all the same.
    pub fn concurrency(mut self, customers: NonZeroUsize) -> Self {
        self.concurrency = customers;
        self
    }

    /// Does it, and gives one result for each customer, in their order. No failure ends the others.
    pub async fn run<T, F>(self, call: impl Fn(Customer) -> F) -> Vec<CustomerResult<T>>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let Self { partner, customers, concurrency } = self;
        let calls = customers.into_iter().map(|customer_id| {
            let call = call(partner.customer(customer_id));
            async move {
                let outcome = match call.await {
                    Ok(value) => CustomerOutcome::Done(value),
                    Err(error) if error.is_no_relationship() => CustomerOutcome::Skipped,
                    Err(error) => CustomerOutcome::Failed(error),
                };
                CustomerResult { customer_id, outcome }
            }
        });
        stream::iter(calls).buffered(concurrency.get()).collect().await
    }

    /// As [`run`](Self::run), for a single call.
    ///
    /// ```
    /// # use partner_center_orders::{CustomerOutcome, PartnerCenter};
    /// # async fn example(partner: PartnerCenter, customer_ids: Vec<uuid::Uuid>) {
    /// for result in partner.for_customers(customer_ids).call(|customer| customer.orders().list()).await {
    ///     match result.outcome {
    ///         CustomerOutcome::Done(orders) => println!("{}: {} orders", result.customer_id, orders.len()),
    ///         CustomerOutcome::Skipped => println!("{} has left", result.customer_id),
    ///         CustomerOutcome::Failed(error) => println!("{}: {error}", result.customer_id),
    ///     }
    /// }
    /// # }
    /// ```
    pub async fn call<R: crate::Request>(
        self,
        call: impl Fn(Customer) -> crate::Call<R>,
    ) -> Vec<CustomerResult<Response<R::Output>>> {
        self.run(|customer| call(customer).send()).await
    }
}

impl fmt::Debug for ForCustomers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForCustomers")
            .field("customers", &self.customers.len())
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}
