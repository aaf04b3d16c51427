//! Adds up from the newest: the first that does not fit beside this upload must leave.
let mut used = kb;
let mut blocking = None;
for &(at, kb) in self.passed.iter().rev().take_while(|(at, _)| *at + PER > now) {
    used += kb;
    if used > LIMIT_KB {
        blocking = Some(at);
        break;
    }
}
if let Some(at) = blocking {
    return Err(at + PER);
}
self.passed.push_back((now, kb));
Ok(())
