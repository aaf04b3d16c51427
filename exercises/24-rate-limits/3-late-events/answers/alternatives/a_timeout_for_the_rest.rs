//! Sleeps for what is left, which is nothing when it is late.
sleep(self.due.duration_since(Instant::now())).await;
let now = Instant::now();
let late = now.duration_since(self.due).min(CATCH_UP);
self.due = now - late + self.every;
