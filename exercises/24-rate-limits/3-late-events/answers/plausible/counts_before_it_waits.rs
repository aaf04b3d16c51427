//! Counts the event before the wait, so a wait that is dropped costs one.
//~ fails with: three waits were dropped before 25 ms
let due = self.due.max(Instant::now() - CATCH_UP);
self.due = due + self.every;
sleep_until(due).await;
