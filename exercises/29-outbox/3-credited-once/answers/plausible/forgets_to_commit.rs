//! A transaction that is dropped is rolled back.
//~ fails with: ann's points when the message has come for the first time

    let points = tariff.points(message.cents).await?;
    let mut db = db.lock().expect("no query panics");
    let tx = db.transaction()?;
    if tx.execute("INSERT INTO inbox (id) VALUES (?1) ON CONFLICT DO NOTHING", [&message.id])? == 1 {
        credit(&tx, &message.customer, points)?;
    }
    Ok(())
