//! Catches up with nothing, not even with what the clock rounds up.
//~ fails with: 3000 events at 3000 a second: expected about 1000 ms
self.due = self.due.max(Instant::now());
sleep_until(self.due).await;
self.due += self.every;
