//! A lock makes the compiler content, and each statement a transaction of its own.
//~ fails with: while the carrier is asked about order 41, the order is marked as shipped
    tokio::spawn(async move {
        let db = std::sync::Mutex::new(db);
        let grams = weight(&db.lock().expect("no query panics"), order)?;
        db.lock()
            .expect("no query panics")
            .execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
        let cents = carrier.postage(grams).await?;
        insert_event(&db.lock().expect("no query panics"), order, grams, cents)?;
        Ok(())
    })
