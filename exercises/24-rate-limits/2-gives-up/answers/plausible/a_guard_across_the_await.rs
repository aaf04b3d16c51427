//! Holds the lock while it sleeps.
//~ does not compile: future cannot be sent between threads safely
let mut next = self.next.lock().expect("nothing panics under this lock");
let free_at = *next;
sleep_until(free_at).await;
*next = Instant::now() + self.every;
