//! `let _ =` silences the compiler. The future is dropped, and the event with it.
//~ fails with: was expected to log "received upload completed", but never did
let mut published = 0;
for event in events {
    let _ = publish(event, broker.clone());
    published += 1;
}
published
