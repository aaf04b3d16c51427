//! Spawns every publish and reports before any of them has an answer.
//~ fails with: relay was expected to log "reports 3 confirmed" at 560 ms, but did so at 0 ms
let count = events.len();
for event in events {
    tokio::spawn(publish(event, broker.clone()));
}
count
