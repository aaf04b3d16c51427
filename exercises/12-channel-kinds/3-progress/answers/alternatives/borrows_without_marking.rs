//! `changed` has marked the count as seen. If a newer one is set in between, it is drawn twice, which does no harm.

//~ region
    let (tx, rx) = watch::channel(0);
    let showing = tokio::spawn(display(rx, durations.drawing, journal.clone()));
    for (count, file) in (1..).zip(durations.files) {
        copy(count, file, &journal).await;
        tx.send(count).expect("the display is there");
    }
    drop(tx);
    showing.await.expect("the display does not panic");
//~ region
async fn display(mut counts: watch::Receiver<u32>, drawing: Duration, journal: Journal) {
    while counts.changed().await.is_ok() {
        let count = *counts.borrow();
        draw(count, drawing, &journal).await;
    }
}
