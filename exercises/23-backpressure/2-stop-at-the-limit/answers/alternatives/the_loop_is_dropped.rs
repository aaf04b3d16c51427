//! The stop drops the whole loop, and with it the listener. A spawned task is not part of it.
let mut clients = Vec::new();
let accepting = async {
    let mut listener = listener;
    loop {
        let permit = permits.clone().acquire_owned().await.expect("it is never closed");
        let Ok(client) = listener.accept().await else { continue };
        clients.push(tokio::spawn(async move {
            client.serve().await;
            drop(permit);
        }));
        clients.retain(|client| !client.is_finished());
    }
};
tokio::select! {
    biased;
    () = stop.cancelled() => {}
    () = accepting => {}
}
for client in clients {
    client.await.ok();
}
