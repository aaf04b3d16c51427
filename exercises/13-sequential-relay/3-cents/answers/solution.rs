//! Exercise 13.3: money is counted, not measured.

/// Reads an amount such as `19.99` or `12`, and returns it in cents. `None` for anything else.
pub fn parse_cents(text: &str) -> Option<u64> {
    //~ begin
    let (dollars, cents) = match text.split_once('.') {
        Some((_, cents)) if cents.len() != 2 => return None,
        Some(parts) => parts,
        None => (text, "00"),
    };
    digits(dollars)?.checked_mul(100)?.checked_add(digits(cents)?)
}

/// `u64::from_str` alone would accept a plus sign.
fn digits(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
    //~ starter
    //~| // TODO: this returns 1998 for 19.99. Do it without `f64`.
    //~| let amount: f64 = text.parse().ok()?;
    //~| Some((amount * 100.0) as u64)
    //~ end
}
