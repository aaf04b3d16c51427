//! `let _ =` drops the permit in the same statement, so all of them have the turn.
//~ fails with: a second caller has overtaken the first
let _ = self.turn.acquire().await.expect("it is never closed");
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
