//! The sender is alive while `copy_all` waits for the display, and the display waits for the sender.
//~ fails with: gave up after an hour: copy_all did not return

//~ region
    let (tx, rx) = watch::channel(0);
    let showing = tokio::spawn(display(rx, durations.drawing, journal.clone()));
    for (count, file) in (1..).zip(durations.files) {
        copy(count, file, &journal).await;
        tx.send_replace(count);
    }
    showing.await.expect("the display does not panic");
//~ region as solved
