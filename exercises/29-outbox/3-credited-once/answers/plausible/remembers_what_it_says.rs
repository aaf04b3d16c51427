//! Takes two orders for one, because they look alike.
//~ fails with: bob's points for two orders of 9 points, one of which came twice

    let points = tariff.points(message.cents).await?;
    let mut db = db.lock().expect("no query panics");
    let tx = db.transaction()?;
    let what = format!("{} paid {}", message.customer, message.cents);
    if tx.execute("INSERT INTO inbox (id) VALUES (?1) ON CONFLICT DO NOTHING", [what])? == 1 {
        credit(&tx, &message.customer, points)?;
    }
    tx.commit()?;
    Ok(())
