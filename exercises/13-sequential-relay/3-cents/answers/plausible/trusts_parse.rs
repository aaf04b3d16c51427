//! `u64::from_str` accepts a plus sign, also behind the point.
//~ fails with: parse_cents("+3.00") returned Some(300), expected None

    let (dollars, cents) = match text.split_once('.') {
        Some((_, cents)) if cents.len() != 2 => return None,
        Some(parts) => parts,
        None => (text, "00"),
    };
    dollars.parse::<u64>().ok()?.checked_mul(100)?.checked_add(cents.parse().ok()?)
