//! A `for` loop is not lazy: it spawns each task, and a second loop awaits them.
let mut tasks = Vec::new();
for event in events {
    tasks.push(tokio::spawn(broker.clone().publish(event)));
}
let mut receipts = Vec::new();
for task in tasks {
    receipts.push(task.await.expect("no publish panics"));
}
receipts
