//! Looks at the clock every millisecond.
//~ fails with: it keeps looking at the clock
while Instant::now() < self.due {
    sleep(Duration::from_millis(1)).await;
}
self.due = self.due.max(Instant::now() - CATCH_UP) + self.every;
