//! Drops the handles, waits for as long as it guesses that it takes, and makes the receipts up.
//~ fails with: event 42 was expected to log "is confirmed", but never did
let ids: Vec<u32> = events.iter().map(|event| event.id).collect();
for event in events {
    tokio::spawn(broker.clone().publish(event));
}
tokio::time::sleep(std::time::Duration::from_millis(370)).await;
ids.into_iter().zip(5000..).map(|(id, offset)| Receipt { id, offset }).collect()
