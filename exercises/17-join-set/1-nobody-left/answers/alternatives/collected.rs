//! A set can be collected from futures: it spawns them.
let publish = |event| {
    let broker = broker.clone();
    async move {
        broker.publish(event).await;
        event
    }
};
let mut tasks: JoinSet<&str> = events.into_iter().map(publish).collect();
while let Some(event) = tasks.join_next().await.transpose().expect("no publish panics") {
    journal.log("relay", format_args!("marks {event}"));
}
