//! One free permit is not all of them.
//~ fails with: server was expected to log "returns" at 340 ms, but did so at 310 ms
loop {
    let next = async {
        let permit = permits.clone().acquire_owned().await.expect("it is never closed");
        (permit, listener.accept().await)
    };
    let Some((permit, accepted)) = stop.run_until_cancelled(next).await else { break };
    let Ok(client) = accepted else { continue };
    tokio::spawn(async move {
        client.serve().await;
        drop(permit);
    });
}
drop(listener);
let _one = permits.acquire().await.expect("it is never closed");
