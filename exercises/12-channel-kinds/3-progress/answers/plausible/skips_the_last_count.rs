//! Checks whether the sender is gone before it looks at the count.
//~ fails with: at 580 ms display was expected to log "draws 9", but never did

//~ region as solved
//~ region
async fn display(mut counts: watch::Receiver<u32>, drawing: Duration, journal: Journal) {
    while counts.changed().await.is_ok() {
        if counts.has_changed().is_err() {
            break; // the copying is done
        }
        let count = *counts.borrow_and_update();
        draw(count, drawing, &journal).await;
    }
}
