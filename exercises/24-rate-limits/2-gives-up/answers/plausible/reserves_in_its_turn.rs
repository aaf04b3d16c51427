//! Queues for a turn, and still reserves before it sleeps. The one at the head leaves a hole.
//~ fails with: caller 2 was expected to log "passes" at 600 ms, but did so at 1200 ms
let _turn = self.turn.acquire().await.expect("it is never closed");
let mine = {
    let mut next = self.next.lock().expect("nothing panics under this lock");
    let mine = (*next).max(Instant::now());
    *next = mine + self.every;
    mine
};
sleep_until(mine).await;
