//! The next three begin when all of the last three have ended.
//~ fails with: outbox was expected to log "row 1 is read" at 70 ms, but did so at 310 ms
let mut outbox = outbox.peekable();
while outbox.peek().is_some() {
    let batch = outbox.by_ref().take(AT_ONCE).map(|row| broker.publish(row));
    futures::future::join_all(batch).await;
}
