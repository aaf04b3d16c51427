//! A new sleep in each iteration, for what is left of the second.
let opened = Instant::now();
while batch.len() < FULL {
    tokio::select! {
        () = sleep(OPEN.saturating_sub(opened.elapsed())) => break,
        received = events.recv() => {
            let Some(event) = received else { break };
            batch.push(event);
        }
    }
}
