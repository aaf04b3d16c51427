//! Makes a relay that the tasks can share.
pub async fn publish_all(&self, events: &[Event]) -> Vec<Receipt> {
    let relay = Arc::new(Relay { broker: self.broker.clone() });
    let mut tasks = Vec::new();
    for event in events.iter().cloned() {
        let relay = Arc::clone(&relay);
        tasks.push(tokio::spawn(async move { relay.broker.publish(&event).await }));
    }
    let mut receipts = Vec::new();
    for task in tasks {
        receipts.push(task.await.expect("no publish panics"));
    }
    receipts
}
