//! Takes the mark back when a publish fails. A process that is killed takes nothing back.
//~ fails with: row 3 is marked before it is published

    let mut publishing = JoinSet::new();
    for row in rows {
        mark(db, row.seq)?;
        let broker = Arc::clone(&broker);
        publishing.spawn(async move { broker.publish(row.body).await.map_err(|_| row.seq) });
    }
    let mut confirmed = 0;
    while let Some(ended) = publishing.join_next().await {
        match ended {
            Ok(Ok(())) => confirmed += 1,
            Ok(Err(seq)) => drop(db.execute("UPDATE outbox SET sent = 0 WHERE seq = ?1", [seq])?),
            Err(_) => {}
        }
    }
    Ok(confirmed)
