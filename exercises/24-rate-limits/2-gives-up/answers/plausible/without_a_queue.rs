//! Sleeps as long as it must, and then competes with everyone else.
//~ fails with: a second caller has overtaken the first
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
