//! [`Event`]: what makes a type an event.

use std::any::Any;
use std::sync::Arc;

/// Something that happened, with the topic that it is known by outside of the process.
///
/// Inside of the process the type decides who gets it, not the topic; two types may have one topic.
///
/// With the feature `derive`, `#[derive(Event)]` and `#[event(topic = "orders.created")]` check the topic when they are
/// compiled. By hand it is one line, and a topic that breaks the grammar is found when it is first used on a bus.
///
/// ```
/// use capstone_bus::events::Event;
///
/// struct OrderCreated { order: u64 }
///
/// impl Event for OrderCreated {
///     const TOPIC: &'static str = "orders.created";
/// }
/// # assert_eq!((OrderCreated { order: 7 }.order, OrderCreated::TOPIC), (7, "orders.created"));
/// ```
pub trait Event: Send + Sync + 'static {
    /// The topic, such as `orders.created`; see [`Topic`](crate::Topic) for its grammar.
    const TOPIC: &'static str;
}

/// An event whose type is known to its handlers only. So one table and one emission serve all types.
pub type AnyEvent = Arc<dyn Any + Send + Sync>;

/// The event as its handlers know it.
pub(crate) fn typed<E: Event>(event: AnyEvent) -> Arc<E> {
    event.downcast().expect("handlers are found by the type of the event")
}
