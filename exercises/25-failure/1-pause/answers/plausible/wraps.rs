//! Wraps around, as a release build does: after 33 failures the pauses are short again.
//~ fails with: after 33 failures the pause is
let longest = BASE.saturating_mul(1_u32.wrapping_shl(failures - 1)).min(CAP);
longest.mul_f64(0.5 + random.f64() / 2.0)
