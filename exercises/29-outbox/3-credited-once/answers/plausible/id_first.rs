//! The chapter's wrong version: the id is committed before the points.
//~ fails with: ann's points: dropped after 0 ms, and the message came again

    let inserted = {
        let db = db.lock().expect("no query panics");
        db.execute("INSERT INTO inbox (id) VALUES (?1) ON CONFLICT DO NOTHING", [&message.id])?
    };
    if inserted == 0 {
        return Ok(());
    }
    let points = tariff.points(message.cents).await?;
    let db = db.lock().expect("no query panics");
    credit(&db, &message.customer, points)
