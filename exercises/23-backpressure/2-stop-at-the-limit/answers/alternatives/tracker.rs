//! A tracker waits for the clients, as in the chapter.
let clients = tokio_util::task::TaskTracker::new();
loop {
    let next = async {
        let permit = permits.clone().acquire_owned().await.expect("it is never closed");
        (permit, listener.accept().await)
    };
    let (permit, accepted) = tokio::select! {
        biased;
        () = stop.cancelled() => break,
        next = next => next,
    };
    let Ok(client) = accepted else { continue };
    clients.spawn(async move {
        client.serve().await;
        drop(permit);
    });
}
drop(listener);
clients.close();
clients.wait().await;
