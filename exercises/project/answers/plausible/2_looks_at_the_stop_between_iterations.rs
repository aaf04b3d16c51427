//! Looks at `stop` once in each iteration, and sleeps through it in between.
//~ fails with: nothing was in flight when `stop` was cancelled at 1234 ms
//~ in relay.rs
//~ instead of
    if stop.run_until_cancelled(relay.work()).await.is_none()
        && timeout(deadline, relay.finish()).await.is_err()
    {
        abort.cancel();
        relay.finish().await; // each publish is dropped, and what was confirmed is still marked
    }
//~ write
    while !stop.is_cancelled() {
        relay.start_what_is_unsent().await;
        if relay.settings.when_empty == WhenEmpty::Return && relay.tasks.is_empty() {
            break;
        }
        let next_query = relay.next_query();
        tokio::select! {
            Some(done) = relay.tasks.join_next() => relay.take(done.expect("a task catches panics")),
            () = wait_until(next_query) => {}
        }
    }
    if timeout(deadline, relay.finish()).await.is_err() {
        abort.cancel();
        relay.finish().await;
    }
