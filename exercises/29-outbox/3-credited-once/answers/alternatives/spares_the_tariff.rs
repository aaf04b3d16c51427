//! Checks twice: before it asks, to spare a repeat the question, and in the transaction, to be sure.

    let seen = |db: &Connection| -> rusqlite::Result<bool> {
        db.query_row("SELECT EXISTS (SELECT 1 FROM inbox WHERE id = ?1)", [&message.id], |row| row.get(0))
    };
    if seen(&db.lock().expect("no query panics"))? {
        return Ok(());
    }
    let points = tariff.points(message.cents).await?;
    let mut db = db.lock().expect("no query panics");
    let tx = db.transaction()?;
    if !seen(&tx)? {
        tx.execute("INSERT INTO inbox (id) VALUES (?1)", [&message.id])?;
        credit(&tx, &message.customer, points)?;
    }
    tx.commit()?;
    Ok(())
