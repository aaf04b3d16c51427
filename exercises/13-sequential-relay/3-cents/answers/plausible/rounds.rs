//! The chapter's wrong version with rounding, which fixes 19.99, but not large amounts, and not what is not an amount.
//~ fails with: parse_cents("90071992547409.93") returned Some(9007199254740994), expected Some(9007199254740993)

    let amount: f64 = text.parse().ok()?;
    if amount.is_finite() && amount >= 0.0 { Some((amount * 100.0).round() as u64) } else { None }
