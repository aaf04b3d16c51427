//! A guard aborts the tasks when the relay is dropped, but the handles are still awaited in the order of the events.
//~ fails with: relay was expected to log "marks notice" at 290 ms, but did so at 830 ms: 540 ms too late
struct Aborts(Vec<tokio::task::JoinHandle<&'static str>>);

impl Drop for Aborts {
    fn drop(&mut self) {
        self.0.iter().for_each(|task| task.abort());
    }
}

let mut tasks = Aborts(Vec::new());
for event in events {
    let broker = broker.clone();
    tasks.0.push(tokio::spawn(async move {
        broker.publish(event).await;
        event
    }));
}
for task in &mut tasks.0 {
    let event = task.await.expect("no publish panics");
    journal.log("relay", format_args!("marks {event}"));
}
