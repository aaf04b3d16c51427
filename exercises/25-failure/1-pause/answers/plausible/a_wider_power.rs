//! A wider integer overflows later.
//~ fails with: pause(64) panicked
let longest = Duration::from_millis(50 * 2_u64.pow(failures - 1)).min(CAP);
longest.mul_f64(0.5 + random.f64() / 2.0)
