//! The copying does not wait, but the display draws every count.
//~ fails with: at 140 ms display was expected to log "draws 3", but logged "draws 2"

//~ region
    let (tx, rx) = mpsc::channel(100);
    let showing = tokio::spawn(display(rx, durations.drawing, journal.clone()));
    for (count, file) in (1..).zip(durations.files) {
        copy(count, file, &journal).await;
        tx.send(count).await.expect("the display outlives the sender");
    }
    drop(tx);
    showing.await.expect("the display does not panic");
//~ region
async fn display(mut counts: mpsc::Receiver<u32>, drawing: Duration, journal: Journal) {
    while let Some(count) = counts.recv().await {
        draw(count, drawing, &journal).await;
    }
}
