//! Says when the oldest upload leaves. That may not be enough.
//~ fails with: an upload of 101 KB at 5170 ms: expected "it fits at 11300 ms"
while self.passed.front().is_some_and(|&(at, _)| at + PER <= now) {
    self.passed.pop_front();
}
let used: u32 = self.passed.iter().map(|(_, kb)| kb).sum();
if used + kb > LIMIT_KB {
    return Err(self.passed[0].0 + PER);
}
self.passed.push_back((now, kb));
Ok(())
