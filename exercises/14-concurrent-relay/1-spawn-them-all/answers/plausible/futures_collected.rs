//! Collects futures and not tasks: each one begins when it is awaited.
//~ fails with: event 7 was expected to log "is sent" at 0 ms, but did so at 370 ms
let publishing: Vec<_> = events.into_iter().map(|event| broker.clone().publish(event)).collect();
let mut receipts = Vec::new();
for publish in publishing {
    receipts.push(publish.await);
}
receipts
