//! Connections that are lent for a statement or a transaction, and closed when it was not answered.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, QueueMode, RecyclingMethod, Runtime};
use tokio::time::timeout;
use tokio_postgres::Error;

use super::dial::Pooled;
use super::failure::pool_error;
use super::target::Target;
use crate::store::StoreError;

/// After this long without an answer a connection is given up.
const ANSWER: Duration = Duration::from_secs(30);

/// After this long without use a connection is closed: the next one to be lent takes the time of a connect.
pub(super) const IDLE: Duration = Duration::from_secs(10);

/// A few connections to a database. Cheap to clone.
#[derive(Clone)]
pub(super) struct Lender {
    target: Target,
    pool: Pool,
}

impl Lender {
    /// Connects when somebody asks.
    pub(super) fn new(target: &Target, connections: usize) -> Self {
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let dial = Pooled(Arc::clone(&target.dial));
        let manager = Manager::from_connect(target.address.config.clone(), dial, recycling);
        // The last one first, so that those which are not needed are not used.
        let pool = Pool::builder(manager).max_size(connections).queue_mode(QueueMode::Lifo);
        let pool = pool.runtime(Runtime::Tokio1).build();
        let pool = pool.expect("a runtime is given, which is all that can be missing");
        Self { target: target.clone(), pool }
    }

    pub(super) async fn lend(&self) -> Result<Lent, StoreError> {
        let object = timeout(ANSWER, self.pool.get()).await.map_err(|_| self.target.silent())?;
        object.map(|object| Lent(Some(object))).map_err(|error| pool_error(&self.target.address, &error))
    }

    /// Closes those that nobody has used for long.
    pub(super) fn close_idle(&self) {
        drop(self.pool.retain(|_, metrics| metrics.last_used() < IDLE));
    }

    pub(super) fn failed(&self, error: &Error) -> StoreError {
        self.target.failed(error)
    }

    /// Whoever answers is gone.
    pub(super) fn closed(&self) -> StoreError {
        StoreError::Closed { store: self.target.address.to_string() }
    }

    pub(super) async fn answered<T>(
        &self,
        operation: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, StoreError> {
        let outcome = timeout(ANSWER, operation).await.map_err(|_| self.target.silent())?;
        outcome.map_err(|error| self.target.failed(&error))
    }
}

/// A connection that is given back only when its statement has been answered. Dropped before, it is closed: whatever was
/// under way on it is over with it, and nobody waits behind it.
pub(super) struct Lent(Option<Object>);

impl Lent {
    pub(super) fn give_back(mut self) {
        drop(self.0.take());
    }
}

impl Deref for Lent {
    type Target = Object;

    fn deref(&self) -> &Object {
        self.0.as_ref().expect("it is taken out only when it is given back")
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Object {
        self.0.as_mut().expect("it is taken out only when it is given back")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            drop(Object::take(object));
        }
    }
}
