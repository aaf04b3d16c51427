//! Reserves in its turn, and a guard takes it back. Only the one at the head has reserved, so nobody is behind it.
struct Reserved<'a> {
    limiter: &'a Limiter,
    before: Option<Instant>,
}
impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        if let Some(before) = self.before {
            *self.limiter.next.lock().expect("nothing panics under this lock") = before;
        }
    }
}
let _turn = self.turn.acquire().await.expect("it is never closed");
let before = *self.next.lock().expect("nothing panics under this lock");
let mut reserved = Reserved { limiter: self, before: Some(before) };
let mine = before.max(Instant::now());
*self.next.lock().expect("nothing panics under this lock") = mine + self.every;
sleep_until(mine).await;
reserved.before = None;
*self.next.lock().expect("nothing panics under this lock") = Instant::now() + self.every;
