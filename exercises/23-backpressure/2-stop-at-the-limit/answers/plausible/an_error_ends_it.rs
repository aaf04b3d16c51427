//! An error of `accept` ends the loop. It was about one client.
//~ fails with: port was expected to log "is closed" at 160 ms, but did so at 10 ms
loop {
    let next = async {
        let permit = permits.clone().acquire_owned().await.expect("it is never closed");
        (permit, listener.accept().await)
    };
    let Some((permit, Ok(client))) = stop.run_until_cancelled(next).await else { break };
    tokio::spawn(async move {
        client.serve().await;
        drop(permit);
    });
}
drop(listener);
let _all = permits.acquire_many(AT_ONCE as u32).await.expect("it is never closed");
