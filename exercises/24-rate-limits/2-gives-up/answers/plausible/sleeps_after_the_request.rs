//! Passes, and then keeps the others away by sleeping. That is too late for the caller itself.
//~ fails with: caller 4 was expected to log "passes" at 0 ms, but did so at 600 ms
let _turn = self.turn.acquire().await.expect("it is never closed");
sleep_until(Instant::now() + self.every).await;
