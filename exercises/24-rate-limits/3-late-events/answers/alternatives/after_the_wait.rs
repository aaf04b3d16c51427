//! Cuts the pause after the wait instead of before it.
sleep_until(self.due).await;
self.due = self.due.max(Instant::now() - CATCH_UP) + self.every;
