//! Asks for borrows that live as long as the program. No caller has such a relay.
//~ does not compile: does not live long enough
pub async fn publish_all(&'static self, events: &'static [Event]) -> Vec<Receipt> {
    let mut tasks = Vec::new();
    for event in events {
        tasks.push(tokio::spawn(async move { self.broker.publish(event).await }));
    }
    let mut receipts = Vec::new();
    for task in tasks {
        receipts.push(task.await.expect("no publish panics"));
    }
    receipts
}
