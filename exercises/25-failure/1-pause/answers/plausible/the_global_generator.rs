//! Draws from the generator of the thread, so no seed repeats the pauses.
//~ fails with: the same seed gave other pauses
let longest = BASE.saturating_mul(2_u32.saturating_pow(failures - 1)).min(CAP);
longest.mul_f64(0.5 + fastrand::f64() / 2.0)
