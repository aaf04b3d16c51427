//! One task owns copies of everything. Inside of it, all futures may borrow them.
pub async fn publish_all(&self, events: &[Event]) -> Vec<Receipt> {
    let (broker, events) = (self.broker.clone(), events.to_vec());
    let task = tokio::spawn(async move {
        futures::future::join_all(events.iter().map(|event| broker.publish(event))).await
    });
    task.await.expect("no publish panics")
}
