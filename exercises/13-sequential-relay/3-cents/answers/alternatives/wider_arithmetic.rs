//! 128 bits hold every sum; the last line checks whether it fits.

    let (dollars, cents) = match text.split_once('.') {
        Some((_, cents)) if cents.len() != 2 => return None,
        Some(parts) => parts,
        None => (text, "00"),
    };
    let cents = u128::from(digits(dollars)?) * 100 + u128::from(digits(cents)?);
    u64::try_from(cents).ok()
}

/// `u64::from_str` alone would accept a plus sign.
fn digits(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
