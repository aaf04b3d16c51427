//! Two copies check before either of them is remembered.
//~ fails with: ann's points: two copies, whose tariff took [70, 20] ms

    let seen: bool = {
        let db = db.lock().expect("no query panics");
        db.query_row("SELECT EXISTS (SELECT 1 FROM inbox WHERE id = ?1)", [&message.id], |row| row.get(0))?
    };
    if seen {
        return Ok(());
    }
    let points = tariff.points(message.cents).await?;
    let mut db = db.lock().expect("no query panics");
    let tx = db.transaction()?;
    tx.execute("INSERT INTO inbox (id) VALUES (?1) ON CONFLICT DO NOTHING", [&message.id])?;
    credit(&tx, &message.customer, points)?;
    tx.commit()?;
    Ok(())
