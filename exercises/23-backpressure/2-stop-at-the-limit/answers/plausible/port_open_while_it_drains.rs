//! Drains, and keeps the port open until it returns.
//~ fails with: port was expected to log "is closed" at 137 ms, but did so at 340 ms
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
let _all = permits.acquire_many(AT_ONCE as u32).await.expect("it is never closed");
