//! A `broadcast` with a capacity of one keeps the newest count too. Lagging is not the end.

//~ region
    let (tx, rx) = tokio::sync::broadcast::channel(1);
    let showing = tokio::spawn(display(rx, durations.drawing, journal.clone()));
    for (count, file) in (1..).zip(durations.files) {
        copy(count, file, &journal).await;
        tx.send(count).ok();
    }
    drop(tx);
    showing.await.expect("the display does not panic");
//~ region
async fn display(mut counts: tokio::sync::broadcast::Receiver<u32>, drawing: Duration, journal: Journal) {
    use tokio::sync::broadcast::error::RecvError;
    loop {
        match counts.recv().await {
            Ok(count) => draw(count, drawing, &journal).await,
            Err(RecvError::Lagged(_)) => {} // the next `recv` returns the newest
            Err(RecvError::Closed) => break,
        }
    }
}
