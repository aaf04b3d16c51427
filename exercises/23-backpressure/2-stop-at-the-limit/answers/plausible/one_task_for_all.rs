//! Serves the clients in its own task. The panic of one is a panic of the server.
//~ fails with: at 65 ms port was expected to log "client 8 is accepted", but logged "is closed"
let mut clients = futures::stream::FuturesUnordered::new();
loop {
    tokio::select! {
        () = stop.cancelled() => break,
        Some(()) = futures::StreamExt::next(&mut clients) => {}
        accepted = listener.accept(), if clients.len() < AT_ONCE => {
            let Ok(client) = accepted else { continue };
            clients.push(client.serve());
        }
    }
}
drop(listener);
while let Some(()) = futures::StreamExt::next(&mut clients).await {}
