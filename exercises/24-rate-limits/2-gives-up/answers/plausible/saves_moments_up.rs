//! Counts from the last moment instead of from now, so an idle time is saved up.
//~ fails with: caller 2 was expected to log "passes" at 7600 ms, but did so at 7010 ms
let _turn = self.turn.acquire().await.expect("it is never closed");
let free_at = *self.next.lock().expect("nothing panics under this lock");
sleep_until(free_at).await;
*self.next.lock().expect("nothing panics under this lock") = free_at + self.every;
