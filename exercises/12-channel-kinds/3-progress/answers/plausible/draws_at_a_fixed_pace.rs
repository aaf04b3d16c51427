//! Checks the count at the pace of the drawings, not when it changes.
//~ fails with: at 30 ms display was expected to log "draws 1", but never did

//~ region as solved
//~ region
async fn display(counts: watch::Receiver<u32>, drawing: Duration, journal: Journal) {
    let mut drawn = 0;
    loop {
        let done = counts.has_changed().is_err();
        let count = *counts.borrow();
        if count == drawn && done {
            break;
        }
        if count == drawn {
            sleep(drawing).await;
        } else {
            draw(count, drawing, &journal).await;
            drawn = count;
        }
    }
}
