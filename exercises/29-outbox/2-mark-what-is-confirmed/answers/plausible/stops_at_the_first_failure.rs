//! Returns at the first row that fails, and drops the set: publishes under way are aborted.
//~ fails with: the rows that are marked when row 2 was stored and lost, 4 confirmed, 6 hit a bug, and 7 was refused

    let mut publishing = JoinSet::new();
    for row in rows {
        let broker = Arc::clone(&broker);
        publishing.spawn(async move { broker.publish(row.body).await.map(|()| row.seq) });
    }
    let mut confirmed = 0;
    while let Some(ended) = publishing.join_next().await {
        match ended {
            Ok(Ok(seq)) => {
                mark(db, seq)?;
                confirmed += 1;
            }
            _ => break,
        }
    }
    Ok(confirmed)
