//! `wait_for` returns the count as soon as it is higher than the one that was drawn.

//~ region
    let (tx, rx) = watch::channel(0);
    let showing = tokio::spawn(display(rx, durations.drawing, journal.clone()));
    for (count, file) in (1..).zip(durations.files) {
        copy(count, file, &journal).await;
        tx.send_modify(|copied| *copied += 1);
    }
    drop(tx);
    showing.await.expect("the display does not panic");
//~ region
async fn display(mut counts: watch::Receiver<u32>, drawing: Duration, journal: Journal) {
    let mut drawn = 0;
    while let Ok(count) = counts.wait_for(|count| *count > drawn).await.map(|count| *count) {
        draw(count, drawing, &journal).await;
        drawn = count;
    }
}
