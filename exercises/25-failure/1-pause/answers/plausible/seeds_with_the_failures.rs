//! A generator that is seeded with the number of failures: all callers draw the same pause.
//~ fails with: two callers with seeds of their own have the same pauses
let longest = BASE.saturating_mul(2_u32.saturating_pow(failures - 1)).min(CAP);
longest.mul_f64(0.5 + Rng::with_seed(failures.into()).f64() / 2.0)
