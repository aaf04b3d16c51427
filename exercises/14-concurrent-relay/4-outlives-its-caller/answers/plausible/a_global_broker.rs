//! A global outlives every task. It is the broker of the first relay, for all relays, and is never closed.
//~ fails with: event 42 was expected to log "is sent", but never did
pub async fn publish_all(&self, events: &[Event]) -> Vec<Receipt> {
    static BROKER: std::sync::OnceLock<Broker> = std::sync::OnceLock::new();
    let broker = BROKER.get_or_init(|| self.broker.clone());
    let mut tasks = Vec::new();
    for event in events.iter().cloned() {
        tasks.push(tokio::spawn(async move { broker.publish(&event).await }));
    }
    let mut receipts = Vec::new();
    for task in tasks {
        receipts.push(task.await.expect("no publish panics"));
    }
    receipts
}
