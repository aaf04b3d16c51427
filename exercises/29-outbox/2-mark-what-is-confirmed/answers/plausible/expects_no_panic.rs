//! One bug in one publish ends the whole step.
//~ fails with: step panicked because the publish of row 6 did: a panic must stay in its task

    let mut publishing = JoinSet::new();
    for row in rows {
        let broker = Arc::clone(&broker);
        publishing.spawn(async move { broker.publish(row.body).await.map(|()| row.seq) });
    }
    let mut confirmed = 0;
    while let Some(ended) = publishing.join_next().await {
        if let Ok(seq) = ended.expect("a publish does not panic") {
            mark(db, seq)?;
            confirmed += 1;
        }
    }
    Ok(confirmed)
