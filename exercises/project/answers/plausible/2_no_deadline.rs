//! Waits for everything in flight, however long that takes.
//~ fails with: `run` did not return within an hour of virtual time
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
        relay.finish().await;
    }
