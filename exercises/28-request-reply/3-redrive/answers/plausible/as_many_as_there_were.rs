//! Counts the letters at the start, and takes as many. When another operator sends some of them, it takes those that have failed
//! again instead.
//~ fails with: left: what two redrives at once have sent, sorted; right: each order once
let count = self.table().letters.values().filter(|letter| letter.reason == reason).count();
let mut redriven = 0;
for _ in 0..count {
    let Ok(slot) = workers.reserve().await else { break };
    let Some(letter) = self.take_first(reason) else { break };
    slot.send(Order { attempts: 0, ..letter.order });
    redriven += 1;
}
redriven
