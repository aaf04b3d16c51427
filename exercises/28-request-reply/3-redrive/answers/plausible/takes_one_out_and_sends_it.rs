//! Takes each letter out before it waits for a slot: one is lost when the future is dropped.
//~ fails with: left: the dead letters after the drop; right: what was not sent, in order
let count = self.table().letters.values().filter(|letter| letter.reason == reason).count();
let mut redriven = 0;
for _ in 0..count {
    let Some(letter) = self.take_first(reason) else { break };
    if workers.send(Order { attempts: 0, ..letter.order }).await.is_err() {
        break;
    }
    redriven += 1;
}
redriven
