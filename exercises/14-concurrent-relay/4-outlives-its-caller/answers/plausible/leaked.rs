//! `Box::leak` gives a borrow that lasts, because what it borrows is never freed. Each call leaks again.
//~ fails with: actual:   1 handles to the broker, 3 handles to the payload
pub async fn publish_all(&self, events: &[Event]) -> Vec<Receipt> {
    let broker: &'static Broker = Box::leak(Box::new(self.broker.clone()));
    let events: &'static [Event] = events.to_vec().leak();
    let mut tasks = Vec::new();
    for event in events {
        tasks.push(tokio::spawn(async move { broker.publish(event).await }));
    }
    let mut receipts = Vec::new();
    for task in tasks {
        receipts.push(task.await.expect("no publish panics"));
    }
    receipts
}
