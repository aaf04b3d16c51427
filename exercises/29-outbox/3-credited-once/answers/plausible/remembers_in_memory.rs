//! What is in memory survives no restart, and has nothing to do with this database.
//~ fails with: what is remembered belongs in it

    static SEEN: Mutex<std::collections::BTreeSet<String>> = Mutex::new(std::collections::BTreeSet::new());
    let points = tariff.points(message.cents).await?;
    let db = db.lock().expect("no query panics");
    let mut seen = SEEN.lock().expect("an insert does not panic");
    if !seen.contains(&message.id) {
        credit(&db, &message.customer, points)?;
        seen.insert(message.id.clone());
    }
    Ok(())
