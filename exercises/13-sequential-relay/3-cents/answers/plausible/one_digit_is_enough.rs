//! Reads `12.5` as five cents more than twelve dollars.
//~ fails with: parse_cents("12.5") returned Some(1205), expected None

    let (dollars, cents) = match text.split_once('.') {
        Some(parts) => parts,
        None => (text, "00"),
    };
    let cents = digits(cents).filter(|cents| *cents < 100)?;
    digits(dollars)?.checked_mul(100)?.checked_add(cents)
}

/// `u64::from_str` alone would accept a plus sign.
fn digits(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
