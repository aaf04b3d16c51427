//! Never overflows, and all callers come back together.
//~ fails with: Expected about 250 in each
BASE.saturating_mul(2_u32.saturating_pow(failures - 1)).min(CAP)
