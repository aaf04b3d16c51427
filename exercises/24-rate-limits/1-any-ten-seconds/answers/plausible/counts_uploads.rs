//! Limits the number of uploads, as the chapter does.
//~ fails with: an upload of 30 KB at 10129 ms: expected "it fits at 10130 ms", but `take` says "it passes"
self.passed.retain(|&(at, _)| at + PER > now);
if self.passed.len() >= LIMIT_KB as usize {
    return Err(self.passed[0].0 + PER);
}
self.passed.push_back((now, kb));
Ok(())
