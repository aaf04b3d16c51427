//! Takes everything that is queued and draws the last of it. It needs a slot for each file.

//~ region
    let (tx, rx) = mpsc::channel(durations.files.len().max(1));
    let showing = tokio::spawn(display(rx, durations.drawing, journal.clone()));
    for (count, file) in (1..).zip(durations.files) {
        copy(count, file, &journal).await;
        tx.send(count).await.expect("the display outlives the sender");
    }
    drop(tx);
    showing.await.expect("the display does not panic");
//~ region
async fn display(mut counts: mpsc::Receiver<u32>, drawing: Duration, journal: Journal) {
    while let Some(mut count) = counts.recv().await {
        while let Ok(newer) = counts.try_recv() {
            count = newer;
        }
        draw(count, drawing, &journal).await;
    }
}
