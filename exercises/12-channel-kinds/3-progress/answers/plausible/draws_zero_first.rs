//! The loop of the settings in the chapter: it draws the value that the channel was created with.
//~ fails with: at 0 ms display logged "draws 0", which was not expected

//~ region as solved
//~ region
async fn display(mut counts: watch::Receiver<u32>, drawing: Duration, journal: Journal) {
    loop {
        let count = *counts.borrow_and_update();
        draw(count, drawing, &journal).await;
        if counts.changed().await.is_err() {
            break;
        }
    }
}
