//! A publish that ended may have failed.
//~ fails with: the rows that are marked when row 2 was stored and lost, 4 confirmed, 6 hit a bug, and 7 was refused

    let mut publishing = JoinSet::new();
    for row in rows {
        let broker = Arc::clone(&broker);
        publishing.spawn(async move {
            broker.publish(row.body).await.ok();
            row.seq
        });
    }
    let mut confirmed = 0;
    while let Some(ended) = publishing.join_next().await {
        if let Ok(seq) = ended {
            mark(db, seq)?;
            confirmed += 1;
        }
    }
    Ok(confirmed)
