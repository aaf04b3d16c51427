//! Counts from now, so each wait that ends late makes the next one later.
//~ fails with: 3000 events at 3000 a second: expected about 1000 ms
sleep_until(self.due).await;
self.due = Instant::now() + self.every;
