//! Id first, and taken back after a failure. A future that is dropped takes nothing back.
//~ fails with: ann's points: dropped after 0 ms, and the message came again

    let inserted = {
        let db = db.lock().expect("no query panics");
        db.execute("INSERT INTO inbox (id) VALUES (?1) ON CONFLICT DO NOTHING", [&message.id])?
    };
    if inserted == 0 {
        return Ok(());
    }
    let credited = match tariff.points(message.cents).await {
        Ok(points) => credit(&db.lock().expect("no query panics"), &message.customer, points),
        Err(error) => Err(error),
    };
    if credited.is_err() {
        db.lock().expect("no query panics").execute("DELETE FROM inbox WHERE id = ?1", [&message.id])?;
    }
    credited
