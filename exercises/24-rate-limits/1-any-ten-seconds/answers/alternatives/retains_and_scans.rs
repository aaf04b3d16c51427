//! What must leave is the prefix of the oldest uploads.
self.passed.retain(|&(at, _)| now.duration_since(at) < PER);
let used: u32 = self.passed.iter().map(|(_, kb)| kb).sum();
let Some(over) = (used + kb).checked_sub(LIMIT_KB).filter(|over| *over > 0) else {
    self.passed.push_back((now, kb));
    return Ok(());
};
let leaving = self.passed.iter().scan(0, |sum, &(at, kb)| {
    *sum += kb;
    Some((at, *sum))
});
let (at, _) = leaving.into_iter().find(|(_, sum)| *sum >= over).expect("no upload is larger than the limit");
Err(at + PER)
