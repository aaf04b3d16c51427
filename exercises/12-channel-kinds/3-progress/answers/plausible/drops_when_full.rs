//! Keeps the oldest count instead of the newest: `try_send` drops the new one when the slot is taken.
//~ fails with: at 2507 ms display was expected to log "draws 5", but logged "draws 2"

//~ region
    let (tx, rx) = mpsc::channel(1);
    let showing = tokio::spawn(display(rx, durations.drawing, journal.clone()));
    for (count, file) in (1..).zip(durations.files) {
        copy(count, file, &journal).await;
        tx.try_send(count).ok();
    }
    drop(tx);
    showing.await.expect("the display does not panic");
//~ region
async fn display(mut counts: mpsc::Receiver<u32>, drawing: Duration, journal: Journal) {
    while let Some(count) = counts.recv().await {
        draw(count, drawing, &journal).await;
    }
}
