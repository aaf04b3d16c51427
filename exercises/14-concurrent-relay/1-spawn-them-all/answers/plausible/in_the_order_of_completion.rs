//! A `JoinSet` returns the results as they come. That is not the order of the events.
//~ fails with: the receipts must be the broker's, in the order of the events: 42, 7, 19
let tasks: tokio::task::JoinSet<Receipt> =
    events.into_iter().map(|event| broker.clone().publish(event)).collect();
tasks.join_all().await
