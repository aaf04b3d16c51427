//! Says when the newest upload leaves. Then it fits, and it has fitted before.
//~ fails with: an upload of 30 KB at 10129 ms: expected "it fits at 10130 ms"
self.passed.retain(|&(at, _)| at + PER > now);
let used: u32 = self.passed.iter().map(|(_, kb)| kb).sum();
if used + kb > LIMIT_KB {
    return Err(self.passed.back().map_or(now, |&(at, _)| at + PER));
}
self.passed.push_back((now, kb));
Ok(())
