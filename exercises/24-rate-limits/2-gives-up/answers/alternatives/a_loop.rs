//! The `acquire` of the chapter: takes under the lock, or sleeps, in its turn.
let _turn = self.turn.acquire().await.expect("it is never closed");
loop {
    let free_at = {
        let mut next = self.next.lock().expect("nothing panics under this lock");
        let now = Instant::now();
        if *next <= now {
            *next = now + self.every;
            return;
        }
        *next
    };
    sleep_until(free_at).await;
}
