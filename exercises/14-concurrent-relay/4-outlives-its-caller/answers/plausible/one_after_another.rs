//! Awaits instead of spawning: it may borrow, and takes the sum.
//~ fails with: event 7 was expected to log "is sent" at 0 ms, but did so at 370 ms
pub async fn publish_all(&self, events: &[Event]) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    for event in events {
        receipts.push(self.broker.publish(event).await);
    }
    receipts
}
