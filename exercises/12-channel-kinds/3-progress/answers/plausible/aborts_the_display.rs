//! Ends the display when the copying ends, so the last count is not drawn.
//~ fails with: at 95495 ms display was expected to log "draws 3", but never did

//~ region
    let (tx, rx) = watch::channel(0);
    let showing = tokio::spawn(display(rx, durations.drawing, journal.clone()));
    for (count, file) in (1..).zip(durations.files) {
        copy(count, file, &journal).await;
        tx.send_replace(count);
    }
    showing.abort();
//~ region as solved
