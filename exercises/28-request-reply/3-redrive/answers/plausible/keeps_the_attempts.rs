//! Sends the order as it failed, with all its attempts used up.
//~ fails with: the oldest first, with no attempts
let with_reason = |(number, letter): (&u64, &Letter)| (letter.reason == reason).then_some(*number);
let numbers: Vec<u64> = self.table().letters.iter().filter_map(with_reason).collect();
let mut redriven = 0;
for number in numbers {
    let Ok(slot) = workers.reserve().await else { break };
    let letter = self.table().letters.remove(&number);
    let Some(letter) = letter else { continue };
    slot.send(letter.order);
    redriven += 1;
}
redriven
