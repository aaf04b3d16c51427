//! An account that is missing is somebody else's fault, but the points are lost.
//~ fails with: eve's points: she has an account now, and the message came again

    let points = tariff.points(message.cents).await?;
    let mut db = db.lock().expect("no query panics");
    let tx = db.transaction()?;
    let mut credited = Ok(());
    if tx.execute("INSERT INTO inbox (id) VALUES (?1) ON CONFLICT DO NOTHING", [&message.id])? == 1 {
        credited = credit(&tx, &message.customer, points);
    }
    tx.commit()?;
    credited
