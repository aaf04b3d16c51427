//! A set that is never larger than three, as in lesson 17.
let mut set = tokio::task::JoinSet::new();
loop {
    if set.len() == AT_ONCE {
        set.join_next().await.expect("three tasks are in the set").expect("no publish panics");
    }
    let Some(row) = outbox.next() else { break };
    let broker = broker.clone();
    set.spawn(async move { broker.publish(row).await });
}
set.join_all().await;
