//! Sends every refused upload away for ten seconds.
//~ fails with: an upload of 30 KB at 10129 ms: expected "it fits at 10130 ms"
self.passed.retain(|&(at, _)| at + PER > now);
let used: u32 = self.passed.iter().map(|(_, kb)| kb).sum();
if used + kb > LIMIT_KB {
    return Err(now + PER);
}
self.passed.push_back((now, kb));
Ok(())
