//! The chapter's rule: between nothing and the whole.
//~ fails with: after 1 failures the pause is
let longest = BASE.saturating_mul(2_u32.saturating_pow(failures - 1)).min(CAP);
longest.mul_f64(random.f64())
