//! Drops the tasks at the stop. What the broker confirms afterwards is published again when the relay starts the next time.
//~ fails with: was published, but not marked as sent
//~ in relay.rs
//~ instead of
    if stop.run_until_cancelled(relay.work()).await.is_none()
        && timeout(deadline, relay.finish()).await.is_err()
    {
        abort.cancel();
        relay.finish().await; // each publish is dropped, and what was confirmed is still marked
    }
//~ write
    if stop.run_until_cancelled(relay.work()).await.is_none() {
        relay.report.given_up = relay.tasks.len();
        relay.tasks.shutdown().await;
    }
