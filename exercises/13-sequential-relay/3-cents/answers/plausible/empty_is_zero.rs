//! Adds up the digits by hand, so no digits at all are zero.
//~ fails with: parse_cents(".50") returned Some(50), expected None

    let (dollars, cents) = match text.split_once('.') {
        Some((_, cents)) if cents.len() != 2 => return None,
        Some(parts) => parts,
        None => (text, "00"),
    };
    digits(dollars)?.checked_mul(100)?.checked_add(digits(cents)?)
}

fn digits(text: &str) -> Option<u64> {
    text.chars().try_fold(0u64, |sum, digit| sum.checked_mul(10)?.checked_add(digit.to_digit(10)?.into()))
