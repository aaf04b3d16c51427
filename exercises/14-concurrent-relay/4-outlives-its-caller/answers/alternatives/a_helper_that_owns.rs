//! An async function takes the two by value, so the task owns them.
pub async fn publish_all(&self, events: &[Event]) -> Vec<Receipt> {
    async fn publish(broker: Broker, event: Event) -> Receipt {
        broker.publish(&event).await
    }
    let tasks: Vec<_> =
        events.iter().map(|event| tokio::spawn(publish(self.broker.clone(), event.clone()))).collect();
    let mut receipts = Vec::new();
    for task in tasks {
        receipts.push(task.await.expect("no publish panics"));
    }
    receipts
}
