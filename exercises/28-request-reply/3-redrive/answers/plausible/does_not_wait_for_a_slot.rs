//! `try_send`: the first full queue ends the redrive.
//~ fails with: left: what the workers have tried; right: each order once
let with_reason = |(number, letter): (&u64, &Letter)| (letter.reason == reason).then_some(*number);
let numbers: Vec<u64> = self.table().letters.iter().filter_map(with_reason).collect();
let mut redriven = 0;
for number in numbers {
    let Ok(slot) = workers.try_reserve() else { break };
    let letter = self.table().letters.remove(&number);
    let Some(letter) = letter else { continue };
    slot.send(Order { attempts: 0, ..letter.order });
    redriven += 1;
}
redriven
