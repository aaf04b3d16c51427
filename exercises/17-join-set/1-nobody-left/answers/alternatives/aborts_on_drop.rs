//! A channel brings the events as they are published, and a guard aborts what is left.
struct Aborts(Vec<tokio::task::AbortHandle>);

impl Drop for Aborts {
    fn drop(&mut self) {
        self.0.iter().for_each(|task| task.abort());
    }
}

let mut tasks = Aborts(Vec::new());
let (published, mut marks) = tokio::sync::mpsc::channel(3);
for event in events {
    let (broker, published) = (broker.clone(), published.clone());
    let task = tokio::spawn(async move {
        broker.publish(event).await;
        published.send(event).await.ok();
    });
    tasks.0.push(task.abort_handle());
}
drop(published);
while let Some(event) = marks.recv().await {
    journal.log("relay", format_args!("marks {event}"));
}
