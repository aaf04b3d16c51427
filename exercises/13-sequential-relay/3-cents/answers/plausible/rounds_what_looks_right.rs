//! Checks every character and then uses an `f64`, which holds only 53 bits.
//~ fails with: parse_cents("90071992547409.93") returned Some(9007199254740994), expected Some(9007199254740993)

    let (dollars, cents) = match text.split_once('.') {
        Some((_, cents)) if cents.len() != 2 => return None,
        Some(parts) => parts,
        None => (text, "00"),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(dollars) || !digits(cents) {
        return None;
    }
    let amount: f64 = text.parse().ok()?;
    Some((amount * 100.0).round() as u64)
