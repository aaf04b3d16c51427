//! Sends all letters, also those whose cause has not been fixed.
//~ fails with: left: what the workers have received; right: the oldest first, with no attempts
let numbers: Vec<u64> = self.table().letters.keys().copied().collect();
let mut redriven = 0;
for number in numbers {
    let Ok(slot) = workers.reserve().await else { break };
    let letter = self.table().letters.remove(&number);
    let Some(letter) = letter else { continue };
    slot.send(Order { attempts: 0, ..letter.order });
    redriven += 1;
}
redriven
