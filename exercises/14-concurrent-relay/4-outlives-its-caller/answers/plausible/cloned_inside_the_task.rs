//! Clones inside of the task, which is too late: the task has borrowed by then.
//~ does not compile: borrowed data escapes outside of method
pub async fn publish_all(&self, events: &[Event]) -> Vec<Receipt> {
    let mut tasks = Vec::new();
    for event in events {
        tasks.push(tokio::spawn(async move {
            let (broker, event) = (self.broker.clone(), event.clone());
            broker.publish(&event).await
        }));
    }
    let mut receipts = Vec::new();
    for task in tasks {
        receipts.push(task.await.expect("no publish panics"));
    }
    receipts
}
