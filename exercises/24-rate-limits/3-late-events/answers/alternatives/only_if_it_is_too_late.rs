//! Two cases: early, and it waits; or late, and it looks how late.
let late = Instant::now().saturating_duration_since(self.due);
if late.is_zero() {
    sleep_until(self.due).await;
} else if late > CATCH_UP {
    self.due += late - CATCH_UP;
}
self.due += self.every;
