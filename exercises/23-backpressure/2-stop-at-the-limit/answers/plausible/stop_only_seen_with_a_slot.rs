//! Drains, but while both slots are taken it waits for a permit only, and does not notice the stop.
//~ fails with: port was expected to log "is closed" at 137 ms, but did so at 310 ms
loop {
    let permit = permits.clone().acquire_owned().await.expect("it is never closed");
    let Some(accepted) = stop.run_until_cancelled(listener.accept()).await else { break };
    let Ok(client) = accepted else { continue };
    tokio::spawn(async move {
        client.serve().await;
        drop(permit);
    });
}
drop(listener);
let _all = permits.acquire_many(AT_ONCE as u32).await.expect("it is never closed");
