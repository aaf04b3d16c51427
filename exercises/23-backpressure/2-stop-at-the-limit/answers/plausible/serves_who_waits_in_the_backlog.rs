//! At the stop it goes on until the backlog is empty.
//~ fails with: port was expected to log "is closed" at 137 ms
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
while let Ok((permit, accepted)) = tokio::time::timeout(std::time::Duration::from_secs(1), async {
    let permit = permits.clone().acquire_owned().await.expect("it is never closed");
    (permit, listener.accept().await)
})
.await
{
    let Ok(client) = accepted else { continue };
    tokio::spawn(async move {
        client.serve().await;
        drop(permit);
    });
}
drop(listener);
let _all = permits.acquire_many(AT_ONCE as u32).await.expect("it is never closed");
