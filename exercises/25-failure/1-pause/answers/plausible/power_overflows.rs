//! The chapter's wrong version with jitter: the power overflows before the cap is applied.
//~ fails with: pause(33) panicked
let longest = (BASE * 2_u32.pow(failures - 1)).min(CAP);
longest.mul_f64(0.5 + random.f64() / 2.0)
