//! Rejects a plus sign at the beginning, and accepts one behind the point.
//~ fails with: parse_cents("3.+1") returned Some(301), expected None

    if text.starts_with('+') {
        return None;
    }
    let (dollars, cents) = match text.split_once('.') {
        Some((_, cents)) if cents.len() != 2 => return None,
        Some(parts) => parts,
        None => (text, "00"),
    };
    dollars.parse::<u64>().ok()?.checked_mul(100)?.checked_add(cents.parse().ok()?)
