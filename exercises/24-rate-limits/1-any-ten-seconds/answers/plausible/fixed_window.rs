//! The fixed window of the chapter, with borders at multiples of ten seconds after the first upload.
//~ fails with: an upload of 40 KB at 10150 ms: expected "it fits at 19730 ms", but `take` says "it passes"
if let Some(&(first, _)) = self.passed.front() {
    let windows = now.duration_since(first).as_millis() / PER.as_millis();
    let opened = first + PER * windows as u32;
    if self.passed.iter().filter(|&&(at, _)| at >= opened).map(|(_, kb)| kb).sum::<u32>() + kb > LIMIT_KB {
        return Err(opened + PER);
    }
}
self.passed.push_back((now, kb));
Ok(())
