//! Asks for ids above the last one. A transaction that commits late has a smaller one, and is never found.
//~ fails with: an event whose id is smaller than one that was published was not published within 5 s
//~ in program.rs
//~ instead of
        let except: Vec<Value> = except.iter().cloned().map(Value::Text).collect();
//~ write
        static LAST: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let last = LAST.load(std::sync::atomic::Ordering::Relaxed);
        let query = query.replace("AND key", &format!("AND id > {last} AND key"));
        let except: Vec<Value> = except.iter().cloned().map(Value::Text).collect();
//~ instead of
        self.with(move |db| db.prepare_cached(&query)?.query_map(params_from_iter(except), event)?.collect())
            .await
//~ write
        let events: Vec<Event> = self
            .with(move |db| db.prepare_cached(&query)?.query_map(params_from_iter(except), event)?.collect())
            .await;
        if let Some(event) = events.last() {
            LAST.store(event.id, std::sync::atomic::Ordering::Relaxed);
        }
        events
