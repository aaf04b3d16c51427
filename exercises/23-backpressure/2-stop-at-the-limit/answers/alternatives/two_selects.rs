//! Two waits, and the stop beside each of them.
loop {
    let permit = tokio::select! {
        biased;
        () = stop.cancelled() => break,
        permit = permits.clone().acquire_owned() => permit.expect("it is never closed"),
    };
    let accepted = tokio::select! {
        biased;
        () = stop.cancelled() => break,
        accepted = listener.accept() => accepted,
    };
    if let Ok(client) = accepted {
        tokio::spawn(async move {
            client.serve().await;
            drop(permit);
        });
    }
}
drop(listener);
permits.acquire_many_owned(AT_ONCE as u32).await.expect("it is never closed").forget();
