//! A token bucket: what has passed drains at 50 KB a second. Around a burst more than 500 KB pass.
//~ fails with: expected "it fits at 10130 ms", but `take` says "it passes"
let (mut level, mut at) = (0.0_f64, now);
if let Some(&(first, _)) = self.passed.front() {
    at = first;
}
for &(passed, kb) in &self.passed {
    level = (level - passed.duration_since(at).as_secs_f64() * 50.0).max(0.0) + f64::from(kb);
    at = passed;
}
level = (level - now.duration_since(at).as_secs_f64() * 50.0).max(0.0);
let over = level + f64::from(kb) - f64::from(LIMIT_KB);
if over > 0.0 {
    return Err(now + Duration::from_secs_f64(over / 50.0));
}
self.passed.push_back((now, kb));
Ok(())
