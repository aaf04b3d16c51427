//! Tells the compiler that the borrows last. They do not: the second test drops the relay while its tasks run.
//~ does not compile: usage of an `unsafe` block
pub async fn publish_all(&self, events: &[Event]) -> Vec<Receipt> {
    let (this, events): (&'static Self, &'static [Event]) = unsafe { std::mem::transmute((self, events)) };
    let mut tasks = Vec::new();
    for event in events {
        tasks.push(tokio::spawn(async move { this.broker.publish(event).await }));
    }
    let mut receipts = Vec::new();
    for task in tasks {
        receipts.push(task.await.expect("no publish panics"));
    }
    receipts
}
