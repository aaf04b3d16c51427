//! Gives its moment back when it is dropped. Those behind it have theirs already.
//~ fails with: caller 2 was expected to log "passes" at 600 ms
struct GiveBack<'a>(&'a Limiter, bool);
impl Drop for GiveBack<'_> {
    fn drop(&mut self) {
        if !self.1 {
            *self.0.next.lock().expect("nothing panics under this lock") -= self.0.every;
        }
    }
}
let mine = {
    let mut next = self.next.lock().expect("nothing panics under this lock");
    let mine = (*next).max(Instant::now());
    *next = mine + self.every;
    mine
};
let mut reserved = GiveBack(self, false);
sleep_until(mine).await;
reserved.1 = true;
