//! Resets the attempts, reserves first, and still runs until no letter is left. What fails again comes back.
//~ fails with: an hour later `redrive` still has not returned
let mut redriven = 0;
while self.table().letters.values().any(|letter| letter.reason == reason) {
    let Ok(slot) = workers.reserve().await else { break };
    let Some(letter) = self.take_first(reason) else { break };
    slot.send(Order { attempts: 0, ..letter.order });
    redriven += 1;
}
redriven
