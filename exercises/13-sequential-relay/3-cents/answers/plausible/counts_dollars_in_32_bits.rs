//! Rejects amounts above 42 million dollars, which a `u64` holds.
//~ fails with: parse_cents("90071992547409.93") returned None, expected Some(9007199254740993)

    let (dollars, cents) = match text.split_once('.') {
        Some((_, cents)) if cents.len() != 2 => return None,
        Some(parts) => parts,
        None => (text, "00"),
    };
    let dollars: u32 = digits(dollars)?.try_into().ok()?;
    u64::from(dollars).checked_mul(100)?.checked_add(digits(cents)?)
}

/// `u64::from_str` alone would accept a plus sign.
fn digits(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
