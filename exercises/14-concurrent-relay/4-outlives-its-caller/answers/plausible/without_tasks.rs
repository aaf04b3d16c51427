//! `join_all` may borrow, because it ends with its caller, and so does what it has begun.
//~ fails with: event 19 was expected to log "is confirmed", but never did
pub async fn publish_all(&self, events: &[Event]) -> Vec<Receipt> {
    futures::future::join_all(events.iter().map(|event| self.broker.publish(event))).await
}
