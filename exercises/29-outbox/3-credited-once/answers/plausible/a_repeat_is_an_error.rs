//! The broker delivers what is not acknowledged again, so a repeat would come for ever.
//~ fails with: when the message came for the second time

    let points = tariff.points(message.cents).await?;
    let mut db = db.lock().expect("no query panics");
    let tx = db.transaction()?;
    tx.execute("INSERT INTO inbox (id) VALUES (?1)", [&message.id])?;
    credit(&tx, &message.customer, points)?;
    tx.commit()?;
    Ok(())
