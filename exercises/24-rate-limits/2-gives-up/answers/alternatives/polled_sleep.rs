//! A `sleep` that is reset, in a block that gives the turn back by hand.
let turn = self.turn.acquire().await.expect("it is never closed");
let mut waiting = std::pin::pin!(tokio::time::sleep(Duration::ZERO));
let free_at = *self.next.lock().expect("nothing panics under this lock");
waiting.as_mut().reset(free_at);
waiting.await;
let mut next = self.next.lock().expect("nothing panics under this lock");
*next = Instant::now() + self.every;
drop(next);
drop(turn);
