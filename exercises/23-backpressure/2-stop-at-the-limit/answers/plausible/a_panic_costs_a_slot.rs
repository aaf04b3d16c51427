//! Gives the permit back by hand, which a panic skips.
//~ fails with: at 65 ms port was expected to log "client 8 is accepted", but never did
loop {
    let next = async {
        permits.acquire().await.expect("it is never closed").forget();
        listener.accept().await
    };
    let Some(accepted) = stop.run_until_cancelled(next).await else { break };
    let Ok(client) = accepted else {
        permits.add_permits(1);
        continue;
    };
    let permits = permits.clone();
    tokio::spawn(async move {
        client.serve().await;
        permits.add_permits(1);
    });
}
drop(listener);
let _all = permits.acquire_many(AT_ONCE as u32).await.expect("it is never closed");
