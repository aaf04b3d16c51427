//! Counts an upload before it is known whether it fits.
//~ fails with: an upload of 30 KB at 10150 ms: expected "it passes"
self.passed.retain(|&(at, _)| at + PER > now);
self.passed.push_back((now, kb));
let mut used: u32 = self.passed.iter().map(|(_, kb)| kb).sum();
if used <= LIMIT_KB {
    return Ok(());
}
for &(at, left) in &self.passed {
    used -= left;
    if used <= LIMIT_KB {
        return Err(at + PER);
    }
}
Err(now + PER)
