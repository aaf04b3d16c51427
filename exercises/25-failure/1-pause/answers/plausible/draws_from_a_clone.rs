//! Draws from a clone, which starts over with each call.
//~ fails with: Expected about 250 in each
let longest = BASE.saturating_mul(2_u32.saturating_pow(failures - 1)).min(CAP);
longest.mul_f64(0.5 + random.clone().f64() / 2.0)
