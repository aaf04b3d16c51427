//! A short transaction, after the wait.

    let mut publishing = JoinSet::new();
    for row in rows {
        let broker = Arc::clone(&broker);
        publishing.spawn(async move { broker.publish(row.body).await.map(|()| row.seq) });
    }
    let mut confirmed = 0;
    while let Some(ended) = publishing.join_next().await {
        if let Ok(Ok(seq)) = ended {
            let tx = db.transaction()?;
            mark(&tx, seq)?;
            tx.commit()?;
            confirmed += 1;
        }
    }
    Ok(confirmed)
