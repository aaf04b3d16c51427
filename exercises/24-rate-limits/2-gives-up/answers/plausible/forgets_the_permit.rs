//! The permit is never given back.
//~ fails with: at 600 ms caller 2 was expected to log "passes", but never did
self.turn.acquire().await.expect("it is never closed").forget();
let free_at = *self.next.lock().expect("nothing panics under this lock");
sleep_until(free_at).await;
*self.next.lock().expect("nothing panics under this lock") = Instant::now() + self.every;
