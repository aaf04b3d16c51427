//! Removes one old upload for each call, as the window of the chapter does, which counts requests.
//~ fails with: an upload of 500 KB at 33710 ms: expected "it passes"
if self.passed.front().is_some_and(|&(at, _)| at + PER <= now) {
    self.passed.pop_front();
}
let mut free = LIMIT_KB - self.passed.iter().map(|(_, kb)| kb).sum::<u32>();
if kb <= free {
    self.passed.push_back((now, kb));
    return Ok(());
}
for &(at, left) in &self.passed {
    free += left;
    if kb <= free {
        return Err(at + PER);
    }
}
Err(now + PER)
