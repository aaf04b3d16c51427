//! Tries again at once and for ever: a row that is refused keeps the step from returning.
//~ fails with: what one step has published: each row once

    let mut publishing = JoinSet::new();
    for row in rows {
        let broker = Arc::clone(&broker);
        publishing.spawn(async move {
            while broker.publish(row.body.clone()).await.is_err() {}
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
