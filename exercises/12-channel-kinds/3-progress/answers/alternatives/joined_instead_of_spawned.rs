//! Copying and display can share a task.

//~ region
    let (tx, rx) = watch::channel(0);
    let copying = async {
        let tx = tx; // moved in, and dropped when the copying ends
        for (count, file) in (1..).zip(durations.files) {
            copy(count, file, &journal).await;
            tx.send_replace(count);
        }
    };
    tokio::join!(display(rx, durations.drawing, journal.clone()), copying);
//~ region as solved
