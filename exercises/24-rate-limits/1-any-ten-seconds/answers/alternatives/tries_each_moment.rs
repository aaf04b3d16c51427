//! Tries now, and then each moment at which something leaves.
let fits_at = |then: Instant, passed: &VecDeque<(Instant, u32)>| {
    let used: u32 = passed.iter().filter(|(at, _)| *at + PER > then).map(|(_, kb)| kb).sum();
    used + kb <= LIMIT_KB
};
if fits_at(now, &self.passed) {
    self.passed.push_back((now, kb));
    return Ok(());
}
let moments = self.passed.iter().map(|(at, _)| *at + PER).filter(|then| *then > now);
Err(moments.into_iter().find(|then| fits_at(*then, &self.passed)).expect("no upload is larger than the limit"))
