//! Looks at the clock every millisecond.
//~ fails with: it keeps looking at the clock
let _turn = self.turn.acquire().await.expect("it is never closed");
loop {
    {
        let mut next = self.next.lock().expect("nothing panics under this lock");
        let now = Instant::now();
        if *next <= now {
            *next = now + self.every;
            return;
        }
    }
    tokio::time::sleep(Duration::from_millis(1)).await;
}
