//! A task for each row, which waits for a permit: few publishes, and the whole backlog in memory.
//~ fails with: the relay had taken 2000 rows from the outbox that were not marked yet
//~ in relay.rs
//~ instead of
            let free = self.settings.in_flight_max - self.tasks.len();
//~ write
            let free = 10_000;
//~ instead of
        report: Report::default(),
    };
//~ write
        report: Report::default(),
        slots,
    };
//~ instead of
    let abort = CancellationToken::new();
//~ write
    let abort = CancellationToken::new();
    let slots = Arc::new(tokio::sync::Semaphore::new(settings.in_flight_max));
//~ instead of
    report: Report,
}
//~ write
    report: Report,
    slots: Arc<tokio::sync::Semaphore>,
}
//~ instead of
        self.tasks.spawn(async move {
//~ write
        let slots = Arc::clone(&self.slots);
        self.tasks.spawn(async move {
            let _slot = slots.acquire().await.expect("it is never closed");
