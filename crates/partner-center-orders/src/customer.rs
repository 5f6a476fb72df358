use std::sync::Arc;

use uuid::Uuid;

use crate::call::Call;
use crate::orders::Orders;
use crate::partner_center::Shared;

/// One customer of the partner.
#[derive(Clone, Debug)]
pub struct Customer {
    shared: Arc<Shared>,
    id: Uuid,
}

impl Customer {
    pub(crate) fn new(shared: Arc<Shared>, id: Uuid) -> Self {
        Self { shared, id }
    }

    /// The customer's tenant id.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The customer's orders.
    pub fn orders(&self) -> Orders {
        Orders::new(self.clone())
    }

    pub(crate) fn call<R>(&self, request: impl FnOnce(Uuid) -> R) -> Call<R> {
        Call::new(Arc::clone(&self.shared), request(self.id))
    }
}
