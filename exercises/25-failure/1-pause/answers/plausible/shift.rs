//! A shift by the width of the type or more is an overflow too.
//~ fails with: pause(33) panicked
let longest = BASE.saturating_mul(1 << (failures - 1)).min(CAP);
longest.mul_f64(0.5 + random.f64() / 2.0)
