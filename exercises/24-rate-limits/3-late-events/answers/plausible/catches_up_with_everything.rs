//! The deadlines of the chapter, which catch up with everything.
//~ fails with: after a pause of 433 ms at 3000 a second, 200 events passed at once
sleep_until(self.due).await;
self.due += self.every;
