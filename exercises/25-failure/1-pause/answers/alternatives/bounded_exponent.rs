//! After nine doublings the cap is reached, so the exponent needs no more.
let longest = (BASE * 2_u32.pow((failures - 1).min(9))).min(CAP);
longest.mul_f64(0.5 + random.f64() / 2.0)
