//! The guard lives across the await: one slow answer stops every other message.
//~ fails with: the connection is locked while the tariff is asked: no other message can be handled

    let mut db = db.lock().expect("no query panics");
    let tx = db.transaction()?;
    if tx.execute("INSERT INTO inbox (id) VALUES (?1) ON CONFLICT DO NOTHING", [&message.id])? == 1 {
        let points = tariff.points(message.cents).await?;
        credit(&tx, &message.customer, points)?;
    }
    tx.commit()?;
    Ok(())
