//! A repeat drops its transaction, which has changed nothing.

    let points = tariff.points(message.cents).await?;
    let mut db = db.lock().expect("no query panics");
    let tx = db.transaction()?;
    if tx.execute("INSERT OR IGNORE INTO inbox (id) VALUES (?1)", [&message.id])? == 0 {
        return Ok(());
    }
    credit(&tx, &message.customer, points)?;
    Ok(tx.commit()?)
