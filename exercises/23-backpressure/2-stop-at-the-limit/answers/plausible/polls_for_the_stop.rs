//! Checks for the stop every 10 ms.
//~ fails with: port was expected to log "is closed" at 137 ms, but did so at 140 ms
loop {
    if stop.is_cancelled() {
        break;
    }
    let next = async {
        let permit = permits.clone().acquire_owned().await.expect("it is never closed");
        (permit, listener.accept().await)
    };
    let patience = std::time::Duration::from_millis(10);
    let Ok((permit, accepted)) = tokio::time::timeout(patience, next).await else { continue };
    let Ok(client) = accepted else { continue };
    tokio::spawn(async move {
        client.serve().await;
        drop(permit);
    });
}
drop(listener);
let _all = permits.acquire_many(AT_ONCE as u32).await.expect("it is never closed");
