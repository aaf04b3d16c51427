//! Each task sends its number when it is confirmed; a task that fails only drops its sender.

    let (tx, mut rx) = tokio::sync::mpsc::channel(4);
    for row in rows {
        let (broker, tx) = (Arc::clone(&broker), tx.clone());
        tokio::spawn(async move {
            if broker.publish(row.body).await.is_ok() {
                tx.send(row.seq).await.ok();
            }
        });
    }
    drop(tx);
    let mut confirmed = 0;
    while let Some(seq) = rx.recv().await {
        mark(db, seq)?;
        confirmed += 1;
    }
    Ok(confirmed)
