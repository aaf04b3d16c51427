//! Sorts the receipts by id. That is not the order of the events either.
//~ fails with: the receipts must be the broker's, in the order of the events: 42, 7, 19
let tasks: tokio::task::JoinSet<Receipt> =
    events.into_iter().map(|event| broker.clone().publish(event)).collect();
let mut receipts = tasks.join_all().await;
receipts.sort_by_key(|receipt| receipt.id);
receipts
