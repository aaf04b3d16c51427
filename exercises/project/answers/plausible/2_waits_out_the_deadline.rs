//! Gives the tasks in flight their time, and takes all of it itself.
//~ fails with: with nothing in flight there is nothing to wait for
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
        tokio::time::sleep(deadline).await;
        abort.cancel();
        relay.finish().await;
    }
