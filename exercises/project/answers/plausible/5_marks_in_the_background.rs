//! Leaves the marking to a task and continues: the row is still unsent, and the next query finds it.
//~ fails with: was published twice by a program that was not killed in between
//~ in program.rs
//~ instead of
        self.with(move |db| db.execute("UPDATE outbox SET state = 'sent' WHERE id = ?", [id.cast_signed()]))
            .await;
//~ write
        let database = Database { connection: Arc::clone(&self.connection) };
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(90)).await;
            let id = [id.cast_signed()];
            database.with(move |db| db.execute("UPDATE outbox SET state = 'sent' WHERE id = ?", id)).await;
        });
