//! An upload stays in the window for a moment longer than ten seconds.
//~ fails with: an upload of 470 KB at 19730 ms: expected "it passes"
self.passed.retain(|&(at, _)| now.duration_since(at) <= PER);
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
