//! Doubles until the cap is reached.
let mut longest = BASE;
for _ in 1..failures.min(20) {
    longest = (longest * 2).min(CAP);
}
longest.mul_f64(0.5 + random.f64() / 2.0)
