//! Keeps the only writer of the database while it waits for the broker.
//~ fails with: the shop cannot commit while the relay waits

    let mut publishing = JoinSet::new();
    for row in rows {
        let broker = Arc::clone(&broker);
        publishing.spawn(async move { broker.publish(row.body).await.map(|()| row.seq) });
    }
    let tx = db.transaction()?;
    let mut confirmed = 0;
    while let Some(ended) = publishing.join_next().await {
        if let Ok(Ok(seq)) = ended {
            mark(&tx, seq)?;
            confirmed += 1;
        }
    }
    tx.commit()?;
    Ok(confirmed)
