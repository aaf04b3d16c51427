//! Checks every millisecond whether all permits are back.
//~ fails with: while it drains, the server checks again and again
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
while permits.available_permits() < AT_ONCE {
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
}
