//! An `Arc` of a borrow is still a borrow. It must hold a relay, and not a reference to one.
//~ does not compile: borrowed data escapes outside of method
pub async fn publish_all(&self, events: &[Event]) -> Vec<Receipt> {
    let this = Arc::new(self);
    let mut tasks = Vec::new();
    for event in events.iter().cloned() {
        let this = Arc::clone(&this);
        tasks.push(tokio::spawn(async move { this.broker.publish(&event).await }));
    }
    let mut receipts = Vec::new();
    for task in tasks {
        receipts.push(task.await.expect("no publish panics"));
    }
    receipts
}
