//! Checks a shared number a thousand times a second.
//~ fails with: a task keeps checking for a new count instead of waiting for it

//~ region
    let counts = Arc::new(AtomicU32::new(0));
    let files = durations.files.len() as u32;
    let showing = tokio::spawn(display(counts.clone(), files, durations.drawing, journal.clone()));
    for (count, file) in (1..).zip(durations.files) {
        copy(count, file, &journal).await;
        counts.store(count, Ordering::Relaxed);
    }
    showing.await.expect("the display does not panic");
//~ region
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

async fn display(counts: Arc<AtomicU32>, files: u32, drawing: Duration, journal: Journal) {
    let mut drawn = 0;
    while drawn < files {
        let count = counts.load(Ordering::Relaxed);
        if count == drawn {
            sleep(Duration::from_millis(1)).await;
        } else {
            draw(count, drawing, &journal).await;
            drawn = count;
        }
    }
}
