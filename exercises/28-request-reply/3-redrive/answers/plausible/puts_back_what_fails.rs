//! Puts a letter back when `send` fails. A future that is dropped puts nothing back.
//~ fails with: left: the dead letters after the drop; right: what was not sent, in order
let count = self.table().letters.values().filter(|letter| letter.reason == reason).count();
let mut redriven = 0;
for _ in 0..count {
    let Some(letter) = self.take_first(reason) else { break };
    if let Err(error) = workers.send(Order { attempts: 0, ..letter.order }).await {
        self.add(error.0, reason);
        break;
    }
    redriven += 1;
}
redriven
