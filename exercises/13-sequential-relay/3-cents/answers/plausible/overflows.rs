//! Panics in a debug build and wraps around in a release build.
//~ fails with: parse_cents("184467440737095517") panicked, expected None

    let (dollars, cents) = match text.split_once('.') {
        Some((_, cents)) if cents.len() != 2 => return None,
        Some(parts) => parts,
        None => (text, "00"),
    };
    Some(digits(dollars)? * 100 + digits(cents)?)
}

/// `u64::from_str` alone would accept a plus sign.
fn digits(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
