//! Accepts spaces around the amount.
//~ fails with: parse_cents(" 12") returned Some(1200), expected None

    let text = text.trim();
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
