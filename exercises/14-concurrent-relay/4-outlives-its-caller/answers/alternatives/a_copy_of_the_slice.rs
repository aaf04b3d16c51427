//! Clones all events first and moves each into its task.
pub async fn publish_all(&self, events: &[Event]) -> Vec<Receipt> {
    let publish = |event: Event| {
        let broker = self.broker.clone();
        tokio::spawn(async move { broker.publish(&event).await })
    };
    let tasks: Vec<_> = events.to_vec().into_iter().map(publish).collect();
    let mut receipts = Vec::new();
    for task in tasks {
        receipts.push(task.await.expect("no publish panics"));
    }
    receipts
}
