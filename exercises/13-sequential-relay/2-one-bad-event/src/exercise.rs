//! Exercise 13.2: an event that fails is an outcome, not the end.

/// What became of the outbox.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub published: Vec<u32>,
    /// Each with the reason.
    pub failed: Vec<(u32, Rejected)>,
}

/// The broker does not accept the event, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected(pub String);

/// Where events are published. Do not change it.
pub trait Broker: Send + Sync + 'static {
    /// Publishes an event. (An `async fn`, written in the way that lets it run in a task too.)
    fn publish(&self, id: u32) -> impl Future<Output = Result<(), Rejected>> + Send;
}

/// Publishes the events in order and says what became of each. Returns `Ok` even when some failed.
pub async fn relay(events: Vec<u32>, broker: impl Broker) -> Result<Summary, Rejected> {
    let mut summary = Summary::default();
    // TODO: one event that fails ends the loop. Which character does that?
    for id in events {
        broker.publish(id).await?;
        summary.published.push(id);
    }
    Ok(summary)
}
