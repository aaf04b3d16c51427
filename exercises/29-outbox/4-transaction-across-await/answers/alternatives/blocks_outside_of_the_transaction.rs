//! `block_on` is allowed on a thread that may be blocked. It costs that thread, but no transaction is open meanwhile.
    tokio::task::spawn_blocking(move || {
        loop {
            let grams = weight(&db, order)?;
            let cents = tokio::runtime::Handle::current().block_on(carrier.postage(grams))?;
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if weight(&tx, order)? == grams {
                tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
                insert_event(&tx, order, grams, cents)?;
                return Ok(tx.commit()?);
            }
        }
    })
