//! Holds the lock while it waits for a slot: no worker can add a dead letter meanwhile. The compiler rejects it in a task.
//~ does not compile: future cannot be sent between threads safely
let mut table = self.table();
let numbers: Vec<u64> =
    table.letters.iter().filter(|(_, letter)| letter.reason == reason).map(|(number, _)| *number).collect();
let mut redriven = 0;
for number in numbers {
    let Ok(slot) = workers.reserve().await else { break };
    let Some(letter) = table.letters.remove(&number) else { continue };
    slot.send(Order { attempts: 0, ..letter.order });
    redriven += 1;
}
redriven
