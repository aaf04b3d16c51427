//! Passes the panic of a client on.
//~ fails with: at 65 ms port was expected to log "client 8 is accepted", but logged "is closed"
let mut clients = tokio::task::JoinSet::new();
loop {
    tokio::select! {
        () = stop.cancelled() => break,
        Some(ended) = clients.join_next(), if !clients.is_empty() => ended.expect("no client panics"),
        accepted = listener.accept(), if clients.len() < AT_ONCE => {
            let Ok(client) = accepted else { continue };
            clients.spawn(client.serve());
        }
    }
}
drop(listener);
clients.join_all().await;
