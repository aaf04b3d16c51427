//! Remembers what was sent, and forgets it when it is killed.
//~ fails with: later its row in the outbox does not have the state 'sent'
//~ in program.rs
//~ instead of
        self.with(move |db| db.execute("UPDATE outbox SET state = 'sent' WHERE id = ?", [id.cast_signed()]))
            .await;
//~ write
        let temporary = "CREATE TEMP TABLE IF NOT EXISTS sent (id INTEGER PRIMARY KEY)";
        self.with(move |db| db.execute(temporary, [])).await;
        self.with(move |db| db.execute("INSERT INTO sent VALUES (?)", [id.cast_signed()])).await;
//~ instead of
        let except: Vec<Value> = except.iter().cloned().map(Value::Text).collect();
//~ write
        let query = query.replace("AND key", "AND id NOT IN sent AND key");
        let temporary = "CREATE TEMP TABLE IF NOT EXISTS sent (id INTEGER PRIMARY KEY)";
        self.with(move |db| db.execute(temporary, [])).await;
        let except: Vec<Value> = except.iter().cloned().map(Value::Text).collect();
