//! Without a semaphore: a branch that is disabled while the set is full.
let mut clients = tokio::task::JoinSet::new();
loop {
    tokio::select! {
        biased;
        () = stop.cancelled() => break,
        Some(_ended) = clients.join_next(), if !clients.is_empty() => {}
        accepted = listener.accept(), if clients.len() < AT_ONCE => {
            if let Ok(client) = accepted {
                clients.spawn(client.serve());
            }
        }
    }
}
drop(listener);
while clients.join_next().await.is_some() {}
