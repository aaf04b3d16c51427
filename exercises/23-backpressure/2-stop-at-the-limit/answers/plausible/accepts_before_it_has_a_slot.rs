//! Accepts a client, and then waits for a slot. At the stop, the client that it holds is cut off.
//~ fails with: port was expected to log "client 9 is accepted" at 110 ms, but did so at 30 ms
loop {
    let next = async {
        let accepted = listener.accept().await;
        (permits.clone().acquire_owned().await.expect("it is never closed"), accepted)
    };
    let Some((permit, accepted)) = stop.run_until_cancelled(next).await else { break };
    let Ok(client) = accepted else { continue };
    tokio::spawn(async move {
        client.serve().await;
        drop(permit);
    });
}
drop(listener);
let _all = permits.acquire_many(AT_ONCE as u32).await.expect("it is never closed");
