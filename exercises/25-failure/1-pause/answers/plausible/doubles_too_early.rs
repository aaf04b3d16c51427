//! 2^n instead of 2^(n - 1): the first pause is already doubled.
//~ fails with: after 1 failures the pause is
let longest = BASE.saturating_mul(2_u32.saturating_pow(failures)).min(CAP);
longest.mul_f64(0.5 + random.f64() / 2.0)
