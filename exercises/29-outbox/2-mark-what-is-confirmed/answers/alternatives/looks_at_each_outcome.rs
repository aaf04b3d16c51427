//! The same, with each outcome in an arm of its own.

    let mut publishing = JoinSet::new();
    for row in rows {
        let broker = Arc::clone(&broker);
        publishing.spawn(async move { (row.seq, broker.publish(row.body).await) });
    }
    let mut confirmed = 0;
    while let Some(ended) = publishing.join_next().await {
        match ended {
            Ok((seq, Ok(()))) => {
                mark(db, seq)?;
                confirmed += 1;
            }
            Ok((seq, Err(error))) => eprintln!("row {seq} will be tried again: {error:?}"),
            Err(error) => eprintln!("a row will be tried again: {error}"),
        }
    }
    Ok(confirmed)
