//! Aborts whole tasks at the deadline, in the middle of the marking too.
//~ fails with: event 4 was published, but not marked as sent
//~ in relay.rs
//~ instead of
    if stop.run_until_cancelled(relay.work()).await.is_none()
        && timeout(deadline, relay.finish()).await.is_err()
    {
        abort.cancel();
        relay.finish().await; // each publish is dropped, and what was confirmed is still marked
    }
//~ write
    if stop.run_until_cancelled(relay.work()).await.is_none()
        && timeout(deadline, relay.finish()).await.is_err()
    {
        relay.report.given_up = relay.tasks.len();
        relay.tasks.shutdown().await;
    }
