//! The wrong version of the chapter: every client is accepted, and waits in its task.
//~ fails with: port was expected to log "client 9 is accepted" at 110 ms, but did so at 30 ms
let clients = tokio_util::task::TaskTracker::new();
while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
    let Ok(client) = accepted else { continue };
    let permits = permits.clone();
    clients.spawn(async move {
        let _permit = permits.acquire().await.expect("it is never closed");
        client.serve().await;
    });
}
drop(listener);
clients.close();
clients.wait().await;
