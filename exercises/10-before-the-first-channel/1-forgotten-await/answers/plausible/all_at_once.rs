//! Counts the right answers, but sends every event at 0 ms.
//~ fails with: was expected to log "received payment processed" at 130 ms, but did so at 0 ms
let mut tasks = Vec::new();
for event in events {
    tasks.push(tokio::spawn(publish(event, broker.clone())));
}
let mut confirmed = 0;
for task in tasks {
    confirmed += usize::from(task.await.expect("no publish panics"));
}
confirmed
