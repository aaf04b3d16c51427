//! A power of floats becomes infinite, and `min` makes it finite again.
let longest = (0.05 * 2_f64.powf(f64::from(failures - 1))).min(20.0);
Duration::from_secs_f64(longest * (0.5 + random.f64() / 2.0))
