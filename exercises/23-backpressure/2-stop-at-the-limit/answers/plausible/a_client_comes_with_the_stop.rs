//! The loop of the chapter: `run_until_cancelled` polls the client first. One that comes together with the stop is accepted.
//~ fails with: is accepted after the stop
let clients = tokio_util::task::TaskTracker::new();
loop {
    let next = async {
        let permit = permits.clone().acquire_owned().await.expect("it is never closed");
        (permit, listener.accept().await)
    };
    let Some((permit, accepted)) = stop.run_until_cancelled(next).await else { break };
    let Ok(client) = accepted else { continue };
    clients.spawn(async move {
        client.serve().await;
        drop(permit);
    });
}
drop(listener);
clients.close();
clients.wait().await;
