//! Awaits the tasks in order, as the loop of lesson 14 does: a fast row waits for a slow one before it.
//~ fails with: at 75 ms outbox was expected to log "after 75 ms rows [5] are marked", but logged "after 75 ms rows [] are marked"

    let mut publishing = Vec::new();
    for row in rows {
        let broker = Arc::clone(&broker);
        publishing.push((row.seq, tokio::spawn(async move { broker.publish(row.body).await })));
    }
    let mut confirmed = 0;
    for (seq, task) in publishing {
        if let Ok(Ok(())) = task.await {
            mark(db, seq)?;
            confirmed += 1;
        }
    }
    Ok(confirmed)
