//! Takes all letters out, and then sends them. Those that have no slot yet are lost when the future is dropped.
//~ fails with: left: the dead letters after the drop; right: what was not sent, in order
let mut taken = Vec::new();
while let Some(letter) = self.take_first(reason) {
    taken.push(letter);
}
let mut redriven = 0;
for letter in taken {
    if workers.send(Order { attempts: 0, ..letter.order }).await.is_err() {
        break;
    }
    redriven += 1;
}
redriven
