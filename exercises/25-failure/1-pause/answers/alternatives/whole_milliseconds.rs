//! Draws whole milliseconds.
let longest_ms = 50_u64.saturating_mul(2_u64.saturating_pow(failures - 1)).min(20_000);
Duration::from_millis(random.u64(longest_ms / 2..=longest_ms))
