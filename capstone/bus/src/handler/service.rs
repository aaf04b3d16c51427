//! A service of tower as a handler of topics, with the feature `tower`.
//!
//! What tower's layers do around it is theirs; what the options of the handler do is around them.

use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};

use tower_service::Service;

use crate::{Delivery, HandlerError, HandlerTask, SubscribeError, TopicHandlerBuilder};

impl TopicHandlerBuilder {
    /// As [`start`](Self::start), with a service of tower for a handler, and the layers that it may have. With the feature
    /// `tower`.
    ///
    /// Each call has a clone of the service, and waits until that is ready; the [timeout](Self::timeout) counts that in.
    /// What the clones share, such as a limit, is shared by all calls.
    ///
    /// ```
    /// use capstone_bus::{Bus, Delivery, Message};
    /// use tower::ServiceBuilder;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let bus = Bus::new();
    /// let invoice = tower::service_fn(async |order: Delivery| match &order.payload[..] {
    ///     b"" => Err("an order without a number"),
    ///     _ => Ok(()),
    /// });
    /// let service = ServiceBuilder::new().concurrency_limit(2).service(invoice);
    /// let invoices = bus.topic_handler("orders.*").concurrency(8).start_service(service)?;
    ///
    /// bus.publish(Message::new("orders.created".parse()?, "42")).await?.all_enqueued()?;
    /// bus.publish(Message::new("orders.created".parse()?, "")).await?.all_enqueued()?;
    /// bus.close();
    /// let stats = invoices.finished().await;
    /// assert_eq!((stats.handled, stats.failed), (1, 1));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    ///
    /// # Panics
    ///
    /// As for [`start`](Self::start).
    pub fn start_service<S>(self, service: S) -> Result<HandlerTask, SubscribeError>
    where
        S: Service<Delivery, Response = (), Error: Into<HandlerError>, Future: Send> + Clone + Send + 'static,
    {
        // A service need not be `Sync`. Of the standard library: locked for a clone, whose panic is that of the call.
        let service = Mutex::new(service);
        self.start(move |delivery| {
            let mut service = service.lock().unwrap_or_else(PoisonError::into_inner).clone();
            async move {
                poll_fn(|cx| service.poll_ready(cx)).await.map_err(Into::into)?;
                service.call(delivery).await.map_err(Into::into)
            }
        })
    }
}
