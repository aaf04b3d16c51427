//! Remembers the last number instead of a list: what has a higher one has come since.
let last = self.table().last;
let mut redriven = 0;
loop {
    let there = |(&number, letter): (&u64, &Letter)| {
        (number <= last && letter.reason == reason).then_some(number)
    };
    if self.table().letters.iter().find_map(there).is_none() {
        return redriven;
    }
    let Ok(slot) = workers.reserve().await else { return redriven };
    let mut table = self.table();
    let Some(number) = table.letters.iter().find_map(there) else { return redriven };
    let letter = table.letters.remove(&number).expect("it was there, and the lock is held");
    slot.send(Order { attempts: 0, ..letter.order });
    redriven += 1;
}
