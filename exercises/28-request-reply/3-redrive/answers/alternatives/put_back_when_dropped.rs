//! Takes the letter out first. A guard puts it back in its place when the future is dropped, or when `send` fails.
struct Taken<'a>(&'a DeadLetters, u64, Option<Letter>);

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Some(letter) = self.2.take() {
            self.0.table().letters.insert(self.1, letter);
        }
    }
}

let with_reason = |(number, letter): (&u64, &Letter)| (letter.reason == reason).then_some(*number);
let numbers: Vec<u64> = self.table().letters.iter().filter_map(with_reason).collect();
let mut redriven = 0;
for number in numbers {
    let letter = self.table().letters.remove(&number);
    let Some(letter) = letter else { continue };
    let order = Order { attempts: 0, ..letter.order.clone() };
    let mut taken = Taken(self, number, Some(letter));
    if workers.send(order).await.is_err() {
        break;
    }
    taken.2 = None;
    redriven += 1;
}
redriven
