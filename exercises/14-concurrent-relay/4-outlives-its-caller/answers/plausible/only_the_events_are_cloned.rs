//! Owns its event, and still borrows the relay to reach the broker.
//~ does not compile: borrowed data escapes outside of method
pub async fn publish_all(&self, events: &[Event]) -> Vec<Receipt> {
    let mut tasks = Vec::new();
    for event in events.to_vec() {
        tasks.push(tokio::spawn(async move { self.broker.publish(&event).await }));
    }
    let mut receipts = Vec::new();
    for task in tasks {
        receipts.push(task.await.expect("no publish panics"));
    }
    receipts
}
