//! [`Subject`]: a store that is tested.

use std::sync::Arc;

use crate::message::{Message, MessageId};
use crate::store::Store;

/// A fresh store without rows, which nobody else uses, and what the suite does with it beside the trait.
pub trait Subject {
    /// What is tested.
    type Store: Store;

    /// The store.
    fn store(&self) -> &Arc<Self::Store>;

    /// Commits these messages in one transaction and in this order, as an application would.
    fn enqueue(&self, messages: Vec<Message>) -> impl Future<Output = ()>;

    /// Ids of the messages that were given up.
    fn dead(&self) -> impl Future<Output = Vec<MessageId>>;
}
