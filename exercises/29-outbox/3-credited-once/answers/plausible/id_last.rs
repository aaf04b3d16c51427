//! The points are committed before the id.
//~ fails with: ann's points: the process ended before commit 2, and the message came again

    let points = tariff.points(message.cents).await?;
    let db = db.lock().expect("no query panics");
    let seen: bool =
        db.query_row("SELECT EXISTS (SELECT 1 FROM inbox WHERE id = ?1)", [&message.id], |row| row.get(0))?;
    if !seen {
        credit(&db, &message.customer, points)?;
        db.execute("INSERT INTO inbox (id) VALUES (?1) ON CONFLICT DO NOTHING", [&message.id])?;
    }
    Ok(())
