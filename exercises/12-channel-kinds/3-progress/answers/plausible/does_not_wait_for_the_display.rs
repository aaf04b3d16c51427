//! Returns when the copying ends, while the display is at work.
//~ fails with: copy_all was expected to log "returns" at 690 ms, but did so at 505 ms: 185 ms too early

//~ region
    let (tx, rx) = watch::channel(0);
    let showing = tokio::spawn(display(rx, durations.drawing, journal.clone()));
    for (count, file) in (1..).zip(durations.files) {
        copy(count, file, &journal).await;
        tx.send_replace(count);
    }
    drop(tx);
//~ region as solved
