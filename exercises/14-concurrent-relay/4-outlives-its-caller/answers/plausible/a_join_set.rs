//! Each task owns what it uses. But a `JoinSet` aborts its tasks when it is dropped, which is when the caller stops waiting.
//~ fails with: event 19 was expected to log "is confirmed", but never did
pub async fn publish_all(&self, events: &[Event]) -> Vec<Receipt> {
    let mut tasks = tokio::task::JoinSet::new();
    for (position, event) in events.iter().cloned().enumerate() {
        let broker = self.broker.clone();
        tasks.spawn(async move { (position, broker.publish(&event).await) });
    }
    let mut receipts = tasks.join_all().await;
    receipts.sort_by_key(|(position, _)| *position);
    receipts.into_iter().map(|(_, receipt)| receipt).collect()
}
