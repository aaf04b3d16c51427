//! The lock is free, but the transaction is open, and belongs to nobody in particular.
//~ fails with: a transaction is open while the tariff is asked

    let inserted = {
        let db = db.lock().expect("no query panics");
        db.execute_batch("BEGIN")?;
        db.execute("INSERT INTO inbox (id) VALUES (?1) ON CONFLICT DO NOTHING", [&message.id])?
    };
    let points = tariff.points(message.cents).await?;
    let db = db.lock().expect("no query panics");
    if inserted == 1 {
        credit(&db, &message.customer, points)?;
    }
    db.execute_batch("COMMIT")?;
    Ok(())
