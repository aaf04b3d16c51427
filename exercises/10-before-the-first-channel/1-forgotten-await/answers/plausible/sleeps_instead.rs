//! Guesses how long an answer takes, and what it says.
//~ fails with: was expected to log "received payment processed" at 130 ms, but did so at 100 ms
let count = events.len();
for event in events {
    tokio::spawn(publish(event, broker.clone()));
    sleep(Duration::from_millis(100)).await;
}
count
