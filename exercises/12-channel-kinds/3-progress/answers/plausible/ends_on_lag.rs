//! The chapter's wrong version: a `broadcast` whose first error is taken for the end.
//~ fails with: at 140 ms display was expected to log "draws 3", but never did

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
    while let Ok(count) = counts.recv().await {
        draw(count, drawing, &journal).await;
    }
}
