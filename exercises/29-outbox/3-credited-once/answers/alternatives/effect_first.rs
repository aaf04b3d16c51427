//! In one transaction the effect may come first: a repeat violates the key, and rolls it back.

    let points = tariff.points(message.cents).await?;
    let mut db = db.lock().expect("no query panics");
    let tx = db.transaction()?;
    credit(&tx, &message.customer, points)?;
    match tx.execute("INSERT INTO inbox (id) VALUES (?1)", [&message.id]) {
        Ok(_) => Ok(tx.commit()?),
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) => Ok(()),
        Err(error) => Err(error.into()),
    }
