//! Applies the cap to what was drawn. After many failures most pauses are exactly 20 s.
//~ fails with: Expected about 250 in each
let longest = BASE.saturating_mul(2_u32.saturating_pow(failures - 1));
longest.mul_f64(0.5 + random.f64() / 2.0).min(CAP)
