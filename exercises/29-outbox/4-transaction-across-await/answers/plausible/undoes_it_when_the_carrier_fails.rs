//! Repairs what it has committed too early. A process that has ended repairs nothing.
//~ fails with: while the carrier is asked about order 41, the order is marked as shipped
    tokio::spawn(async move {
        let grams = weight(&db, order)?;
        db.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
        match carrier.postage(grams).await {
            Ok(cents) => Ok(insert_event(&db, order, grams, cents)?),
            Err(error) => {
                db.execute("UPDATE orders SET shipped = 0 WHERE id = ?1", [order])?;
                Err(error)
            }
        }
    })
