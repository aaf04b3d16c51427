//! A set that is dropped aborts its tasks.
//~ fails with: at 137 ms client 5 logged "is cut off", which was not expected
let mut clients = tokio::task::JoinSet::new();
loop {
    tokio::select! {
        () = stop.cancelled() => break,
        Some(_) = clients.join_next(), if !clients.is_empty() => {}
        accepted = listener.accept(), if clients.len() < AT_ONCE => {
            let Ok(client) = accepted else { continue };
            clients.spawn(client.serve());
        }
    }
}
