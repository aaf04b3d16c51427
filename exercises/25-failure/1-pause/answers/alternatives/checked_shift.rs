//! A shift that says when it is too wide.
let factor = 1_u32.checked_shl(failures - 1).unwrap_or(u32::MAX);
let longest = BASE.saturating_mul(factor).min(CAP);
longest / 2 + (longest / 2).mul_f64(random.f64())
