//! Sends in a task, so that a dropped redrive loses nothing. It goes on after it was stopped.
//~ fails with: left: the dead letters after the drop; right: what was not sent, in order
let with_reason = |(number, letter): (&u64, &Letter)| (letter.reason == reason).then_some(*number);
let numbers: Vec<u64> = self.table().letters.iter().filter_map(with_reason).collect();
let (letters, workers) = (self.clone(), workers.clone());
let sending = tokio::spawn(async move {
    let mut redriven = 0;
    for number in numbers {
        let letter = letters.table().letters.remove(&number);
        let Some(letter) = letter else { continue };
        if workers.send(Order { attempts: 0, ..letter.order }).await.is_err() {
            break;
        }
        redriven += 1;
    }
    redriven
});
sending.await.expect("the task does not panic")
