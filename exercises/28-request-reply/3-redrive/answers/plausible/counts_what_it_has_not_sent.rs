//! Returns how many letters there were, also those that another operator has sent.
//~ fails with: left: sent by both, and left over; right: expected
let with_reason = |(number, letter): (&u64, &Letter)| (letter.reason == reason).then_some(*number);
let numbers: Vec<u64> = self.table().letters.iter().filter_map(with_reason).collect();
for &number in &numbers {
    let Ok(slot) = workers.reserve().await else { break };
    let letter = self.table().letters.remove(&number);
    let Some(letter) = letter else { continue };
    slot.send(Order { attempts: 0, ..letter.order });
}
numbers.len()
