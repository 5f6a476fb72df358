//! The same call for many customers.

use std::fmt;
use std::num::NonZeroUsize;

use futures_util::StreamExt;
use futures_util::stream;
use uuid::Uuid;

use crate::customer::Customer;
use crate::partner_center::PartnerCenter;
use crate::{Error, Response};

/// The default number of customers that are processed concurrently. Our choice.
const CONCURRENCY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);

/// The same calls for many customers: see [`PartnerCenter::for_customers`].
#[derive(Clone)]
#[must_use = "nothing happens before `run`"]
pub struct ForCustomers {
    partner: PartnerCenter,
    customers: Vec<Uuid>,
    concurrency: NonZeroUsize,
}

/// The result for one customer.
#[derive(Debug)]
#[non_exhaustive]
pub struct CustomerResult<T> {
    /// The customer.
    pub customer_id: Uuid,
    /// The outcome.
    pub outcome: CustomerOutcome<T>,
}

/// The outcome for one customer among many.
#[derive(Debug)]
pub enum CustomerOutcome<T> {
    /// The calls succeeded.
    Done(T),
    /// The partner has no relationship with the customer (20002), who may have left.
    Skipped,
    /// The calls failed for another reason.
    Failed(Error),
}

impl<T> CustomerResult<T> {
    /// The value, if the calls succeeded.
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
    /// Makes the same call for many customers, some of them concurrently, with one result for each.
    pub fn for_customers(&self, customer_ids: impl IntoIterator<Item = Uuid>) -> ForCustomers {
        let customers = customer_ids.into_iter().collect();
        ForCustomers { partner: self.clone(), customers, concurrency: CONCURRENCY }
    }
}

impl ForCustomers {
    /// Sets the number of customers that are processed concurrently; by default 8. The shared rate limit applies all the same.
    pub fn concurrency(mut self, customers: NonZeroUsize) -> Self {
        self.concurrency = customers;
        self
    }

    /// Makes the calls for each customer, and returns one result for each, in their order. A failure doesn't end the others.
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
