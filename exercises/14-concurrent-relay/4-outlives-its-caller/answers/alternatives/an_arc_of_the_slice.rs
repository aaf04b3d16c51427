//! All tasks share one copy of the events, and each has a handle to it.
pub async fn publish_all(&self, events: &[Event]) -> Vec<Receipt> {
    let shared: Arc<[Event]> = events.into();
    let mut tasks = Vec::new();
    for position in 0..shared.len() {
        let (broker, events) = (self.broker.clone(), Arc::clone(&shared));
        tasks.push(tokio::spawn(async move { broker.publish(&events[position]).await }));
    }
    let mut receipts = Vec::new();
    for task in tasks {
        receipts.push(task.await.expect("no publish panics"));
    }
    receipts
}
