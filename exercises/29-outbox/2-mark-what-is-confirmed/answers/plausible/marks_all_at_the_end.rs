//! Waits for the slowest: a process that is killed before publishes all of them again.
//~ fails with: at 75 ms outbox was expected to log "after 75 ms rows [5] are marked", but logged "after 75 ms rows [] are marked"

    let mut publishing = JoinSet::new();
    for row in rows {
        let broker = Arc::clone(&broker);
        publishing.spawn(async move { broker.publish(row.body).await.map(|()| row.seq) });
    }
    let mut confirmed = Vec::new();
    while let Some(ended) = publishing.join_next().await {
        if let Ok(Ok(seq)) = ended {
            confirmed.push(seq);
        }
    }
    for seq in &confirmed {
        mark(db, *seq)?;
    }
    Ok(confirmed.len())
