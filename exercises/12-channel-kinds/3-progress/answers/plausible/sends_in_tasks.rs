//! The copying does not wait, but tasks do, and the display draws every count.
//~ fails with: at 140 ms display was expected to log "draws 3", but logged "draws 2"

//~ region
    let (tx, rx) = mpsc::channel(1);
    let showing = tokio::spawn(display(rx, durations.drawing, journal.clone()));
    for (count, file) in (1..).zip(durations.files) {
        copy(count, file, &journal).await;
        let tx = tx.clone();
        tokio::spawn(async move { tx.send(count).await });
    }
    drop(tx);
    showing.await.expect("the display does not panic");
//~ region
async fn display(mut counts: mpsc::Receiver<u32>, drawing: Duration, journal: Journal) {
    while let Some(count) = counts.recv().await {
        draw(count, drawing, &journal).await;
    }
}
