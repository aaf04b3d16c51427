//! Cuts the text at a byte that may be in the middle of a character.
//~ fails with: parse_cents("€5") panicked, expected None

    let (dollars, cents) = match text.len().checked_sub(3) {
        Some(at) if &text[at..at + 1] == "." => (&text[..at], &text[at + 1..]),
        _ => (text, "00"),
    };
    digits(dollars)?.checked_mul(100)?.checked_add(digits(cents)?)
}

/// `u64::from_str` alone would accept a plus sign.
fn digits(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
