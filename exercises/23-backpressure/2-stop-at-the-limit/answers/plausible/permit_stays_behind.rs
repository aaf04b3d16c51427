//! The task does not own the permit, so there is no limit.
//~ fails with: port was expected to log "client 9 is accepted" at 110 ms, but did so at 30 ms
let clients = tokio_util::task::TaskTracker::new();
loop {
    let next = async {
        let _permit = permits.acquire().await.expect("it is never closed");
        listener.accept().await
    };
    let Some(accepted) = stop.run_until_cancelled(next).await else { break };
    let Ok(client) = accepted else { continue };
    clients.spawn(client.serve());
}
drop(listener);
clients.close();
clients.wait().await;
