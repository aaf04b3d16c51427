//! Sends a copy, and removes the letter afterwards. Nothing is lost, but two operators both send it.
//~ fails with: left: what two redrives at once have sent, sorted; right: each order once
let with_reason = |(number, letter): (&u64, &Letter)| (letter.reason == reason).then_some(*number);
let numbers: Vec<u64> = self.table().letters.iter().filter_map(with_reason).collect();
let mut redriven = 0;
for number in numbers {
    let copy = self.table().letters.get(&number).map(|letter| letter.order.clone());
    let Some(order) = copy else { continue };
    if workers.send(Order { attempts: 0, ..order }).await.is_err() {
        break;
    }
    self.table().letters.remove(&number);
    redriven += 1;
}
redriven
