//! One statement for all that were confirmed, which also marks what was not, and what came late.
//~ fails with: row 3 is marked before the broker has confirmed it

    let mut publishing = JoinSet::new();
    for row in rows {
        let broker = Arc::clone(&broker);
        publishing.spawn(async move { broker.publish(row.body).await.map(|()| row.seq) });
    }
    let (mut confirmed, mut last) = (0, 0);
    while let Some(ended) = publishing.join_next().await {
        if let Ok(Ok(seq)) = ended {
            confirmed += 1;
            last = last.max(seq);
            db.execute("UPDATE outbox SET sent = 1 WHERE seq <= ?1", [last])?;
        }
    }
    Ok(confirmed)
