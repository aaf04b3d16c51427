//! Without the point, nothing tells dollars from cents.
//~ fails with: parse_cents("12") returned Some(12), expected Some(1200)

    let digits = text.replace('.', "");
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
